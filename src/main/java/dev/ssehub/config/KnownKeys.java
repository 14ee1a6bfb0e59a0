package dev.ssehub.config;

import module java.base;

/** The keys of the configuration, and what to say about a key that is not one of them. */
final class KnownKeys {

    private static final Map<String, String> MOVED = Map.of("sse-hub.mailbox-capacity", "sse-hub.mailbox.max-events",
            "sse-hub.mailbox-max-bytes", "sse-hub.mailbox.max-bytes");
    private static final Pattern ROOT = Pattern.compile("^([^.]*\\.|(SSE_HUB|SERVER)_)");
    private static final int SHORTEST_NAME = 3; // a shorter name is similar to any other

    private final SortedSet<String> known;
    private final SortedSet<String> sections = new TreeSet<>();

    KnownKeys(Collection<String> keys) {
        known = new TreeSet<>(keys);
        for (String key : keys) {
            for (int dot = key.indexOf('.'); dot > 0; dot = key.indexOf('.', dot + 1)) {
                sections.add(key.substring(0, dot));
            }
        }
    }

    boolean hasVariable(String name) {
        return known.stream().map(KnownKeys::variable).anyMatch(name::equals);
    }

    boolean isSection(String key) {
        return sections.contains(key);
    }

    /** Returns the name of the environment variable for a key. */
    static String variable(String key) {
        return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    /** Refuses a key that is not known. */
    void requireKnown(String key, Place place) {
        if (MOVED.containsKey(key)) {
            throw place.mistake(key + " is now " + MOVED.get(key), "");
        }
        if (!known.contains(key)) {
            throw place.mistake("there is no key " + key, "; " + nearest(key, Stream.concat(known.stream(), sections.stream()))
                    .map(nearest -> "the nearest is " + nearest).orElseGet(() -> siblings(key)));
        }
    }

    /** Refuses an environment variable whose key has moved. */
    void requireNotMoved(String variable) {
        MOVED.forEach((old, key) -> {
            if (variable.equals(variable(old)) && !variable.equals(variable(key))) {
                throw Place.in("the environment variable " + variable).mistake(old + " is now " + key,
                        "; the variable is now " + variable(key));
            }
        });
    }

    /** Lists the names in the innermost known section around the key. */
    private String siblings(String key) {
        String section = key;
        do {
            section = section.substring(0, Math.max(0, section.lastIndexOf('.')));
        } while (!section.isEmpty() && !isSection(section));
        String prefix = section.isEmpty() ? "" : section + ".";
        String names = String.join(", ", new TreeSet<>(known.stream().filter(candidate -> candidate.startsWith(prefix))
                .map(candidate -> candidate.substring(prefix.length()).replaceFirst("\\..*", "")).toList()));
        return (section.isEmpty() ? "at the top level there are " : section + " has ") + names;
    }

    /** Returns the variable that may have been meant. Other programs have variables that begin with SERVER_, too. */
    Optional<String> nearestVariable(String name) {
        return nearest(name, known.stream().map(KnownKeys::variable)
                .filter(candidate -> !name.startsWith("SERVER_") || candidate.startsWith("SERVER_")));
    }

    /** Returns the candidate that contains a name like this one; of several, the most similar as a whole. */
    private static Optional<String> nearest(String name, Stream<String> candidates) {
        String own = withoutRoot(name);
        return own.length() < SHORTEST_NAME
                ? Optional.empty()
                : candidates.filter(candidate -> distance(own, withoutRoot(candidate), true) <= own.length() / 3)
                        .min(Comparator.comparingInt((String candidate) -> distance(own, withoutRoot(candidate), true))
                                .thenComparingInt(candidate -> distance(name, candidate, false)));
    }

    /** Returns the name without its first part, which may be a root key that is misspelled. */
    private static String withoutRoot(String name) {
        return ROOT.matcher(name).replaceFirst("");
    }

    /**
     * Counts the characters to insert, delete, replace, or swap with the next (Damerau-Levenshtein).
     *
     * @param anywhere whether the name may be any part of the other
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
