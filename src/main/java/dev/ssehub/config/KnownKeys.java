package dev.ssehub.config;

import static java.util.stream.Collectors.toCollection;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.helidon.config.Config;

/** Which keys there are, and what to say of one that is not among them. */
final class KnownKeys {

    private static final Pattern LIST_INDEX = Pattern.compile("\\.\\d+$");
    private static final Pattern SECTION = Pattern.compile("(?i)^(sse[-_]hub|server)[._]");
    private static final int LEAST_NAME = 3; // shorter ones are near to anything

    private final SortedSet<String> known;

    /** @param defaults has all keys */
    KnownKeys(Config defaults) {
        known = defaults.traverse().filter(KnownKeys::isValue).map(node -> withoutIndex(node.key().toString()))
                .collect(toCollection(TreeSet::new));
    }

    SortedSet<String> all() {
        return known;
    }

    /** Refuses a configuration with a key that there is not. A section without content is none. */
    void requireKnown(Config config, String source) {
        config.traverse().filter(KnownKeys::isValue).forEach(node -> {
            String key = node.key().toString();
            if (isSection(key)) {
                if (!node.isLeaf() || !node.asString().orElse("").isEmpty()) {
                    throw new StartupException(key + " (in " + source + ") is a section of keys, not a value");
                }
            } else {
                requireKnown(key, source);
            }
        });
    }

    void requireKnown(String key, String source) {
        if (!known.contains(key) && !known.contains(withoutIndex(key))) {
            throw new StartupException("there is no key " + key + " (in " + source + "); " + nearest(key, known.stream())
                    .map(nearest -> "the nearest is " + nearest).orElse("the keys are: " + String.join(", ", known)));
        }
    }

    /** A list may be empty. */
    private static boolean isValue(Config node) {
        return node.isLeaf() || node.type() == Config.Type.LIST;
    }

    private boolean isSection(String key) {
        return known.stream().anyMatch(candidate -> candidate.startsWith(key + "."));
    }

    /** What the variable may have been meant to be. Of those that begin with SERVER_, others have theirs. */
    Optional<String> nearestVariable(String name) {
        return nearest(name, known.stream().map(ConfigLayers::variable)
                .filter(candidate -> !name.startsWith("SERVER_") || candidate.startsWith("SERVER_")));
    }

    /** One that has in it what is called nearly like this; of several, the most similar as a whole. */
    private static Optional<String> nearest(String name, Stream<String> candidates) {
        String own = withoutSection(name);
        return own.length() < LEAST_NAME
                ? Optional.empty()
                : candidates.filter(candidate -> distance(own, withoutSection(candidate), true) <= own.length() / 3)
                        .min(Comparator.comparingInt((String candidate) -> distance(own, withoutSection(candidate), true))
                                .thenComparingInt(candidate -> distance(name, candidate, false)));
    }

    private static String withoutSection(String name) {
        return SECTION.matcher(name).replaceFirst("");
    }

    private static String withoutIndex(String key) {
        return LIST_INDEX.matcher(key).replaceFirst("");
    }

    /**
     * How many characters to insert, delete, replace, or swap with the next (Damerau and Levenshtein).
     *
     * @param anywhere whether it is enough to find it within the other
     */
    private static int distance(String name, String other, boolean anywhere) {
        int[][] steps = new int[name.length() + 1][other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            steps[0][j] = anywhere ? 0 : j;
        }
        for (int i = 1; i <= name.length(); i++) {
            steps[i][0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = steps[i - 1][j - 1] + (name.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                steps[i][j] = Math.min(replaced, Math.min(steps[i - 1][j], steps[i][j - 1]) + 1);
                if (i > 1 && j > 1 && name.charAt(i - 1) == other.charAt(j - 2) && name.charAt(i - 2) == other.charAt(j - 1)) {
                    steps[i][j] = Math.min(steps[i][j], steps[i - 2][j - 2] + 1);
                }
            }
        }
        int[] last = steps[name.length()];
        return anywhere ? Arrays.stream(last).min().orElseThrow() : last[other.length()];
    }
}
