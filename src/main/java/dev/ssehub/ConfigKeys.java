package dev.ssehub;

import static java.util.stream.Collectors.toCollection;

import java.util.Comparator;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

import io.helidon.config.Config;

/** Which keys there are, and what to say of one that is not among them. */
final class ConfigKeys {

    private static final Pattern LIST_INDEX = Pattern.compile("\\.\\d+$");

    private final SortedSet<String> known;

    /** @param defaults
     *            has all keys */
    ConfigKeys(Config defaults) {
        known = defaults.traverse().filter(ConfigKeys::isValue).map(node -> withoutIndex(node.key().toString()))
                .collect(toCollection(TreeSet::new));
    }

    SortedSet<String> all() {
        return known;
    }

    /** Refuses a configuration with a key that there is not. A section without content is none. */
    void requireKnown(Config config, String source) {
        config.traverse().filter(ConfigKeys::isValue).forEach(node -> {
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
            throw new StartupException("there is no key " + key + " (in " + source + "); " + nearest(key));
        }
    }

    /** A list may be empty. */
    private static boolean isValue(Config node) {
        return node.isLeaf() || node.type() == Config.Type.LIST;
    }

    private boolean isSection(String key) {
        return known.stream().anyMatch(candidate -> candidate.startsWith(key + "."));
    }

    /** What the variable may have been meant to be. */
    String nearestVariable(String name) {
        return "the nearest is " + known.stream().map(ConfigLayers::variable)
                .min(Comparator.comparingInt(candidate -> distance(name, candidate))).orElseThrow();
    }

    private String nearest(String key) {
        String nearest = known.stream().min(Comparator.comparingInt(candidate -> distance(key, candidate))).orElseThrow();
        return distance(key, nearest) <= nearest.length() / 2
                ? "the nearest is " + nearest
                : "the keys are: " + String.join(", ", known);
    }

    private static String withoutIndex(String key) {
        return LIST_INDEX.matcher(key).replaceFirst("");
    }

    /** How many characters to insert, delete or replace (Levenshtein). */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
