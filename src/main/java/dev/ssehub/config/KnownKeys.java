package dev.ssehub.config;

import module java.base;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;

/** The keys of the configuration, and what to say about a key that is not one of them. */
final class KnownKeys {
    private static final Map<String, String> MOVED = Map.of("sse-hub.mailbox-capacity", "sse-hub.mailbox.max-events",
            "sse-hub.mailbox-max-bytes", "sse-hub.mailbox.max-bytes", "sse-hub.drain-timeout", "sse-hub.drain.timeout");
    private static final Pattern ROOT = Pattern.compile("^([^.]*\\.|(SSE_HUB|SERVER|LOGGING|OTLP)_)");
    private static final int SHORTEST_NAME = 3; // a shorter name is similar to every other name

    /** The list of the relays. */
    static final String RELAY = "sse-hub.feeds.relay";

    /** The keys whose value is a list of sections, with the keys of each section. Only a file can have such a list. */
    private static final Map<String, Set<String>> SECTIONS = Map.of("sse-hub.history.topics", Set.of(
            "sse-hub.history.topics.match", "sse-hub.history.topics.max-events", "sse-hub.history.topics.max-age",
            "sse-hub.history.topics.max-bytes"),
            RELAY, Set.of(RELAY + ".url", RELAY + ".topic", RELAY + ".topics", RELAY + ".headers", RELAY + ".header-files",
                    RELAY + ".private", RELAY + ".idle-timeout", RELAY + ".scope"));

    /** The keys whose value is a map. */
    private static final Set<String> MAPS = Set.of("logging.levels", RELAY + ".topics", RELAY + ".headers",
            RELAY + ".header-files");

    /** The keys whose value no message may show. */
    private static final Set<String> SECRETS = Set.of("sse-hub.auth.key", "sse-hub.auth.subscriber.key", RELAY + ".headers");

    private final NavigableSet<String> known;
    private final NavigableSet<String> sections;

    KnownKeys(Collection<String> keys) {
        known = new TreeSet<>(keys);
        sections = keys.stream().flatMap(KnownKeys::sectionsOf).collect(toCollection(TreeSet::new));
    }

    /** Returns the keys of each section of a list, or nothing if the value of a key is not a list of sections. */
    static Set<String> inSections(String key) {
        return SECTIONS.getOrDefault(key, Set.of());
    }

    /** Returns whether the value of a key is a map, whose keys the operator chooses. */
    static boolean isMap(String key) {
        return MAPS.contains(key);
    }

    /** Returns whether no message may show the value of a key. */
    static boolean isSecret(String key) {
        return SECRETS.contains(key);
    }

    /** Returns the names of the sections around a key, the innermost first. */
    static Stream<String> sectionsOf(String key) {
        return Stream.iterate(key.lastIndexOf('.'), dot -> dot > 0, dot -> key.lastIndexOf('.', dot - 1))
                .map(dot -> key.substring(0, dot));
    }

    /** Returns the name of the environment variable for a key. */
    static String variable(String key) {
        return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    /** Refuses a value whose key is not known. A section may be empty. */
    void require(Value value) {
        String key = value.key();
        if (MOVED.containsKey(key)) {
            boolean isVariable = value.place().source().endsWith(variable(key));
            throw value.place().mistake(key + " is now " + MOVED.get(key),
                    isVariable ? "; the variable is now " + variable(MOVED.get(key)) : "");
        }
        Optional<String> list = sectionsOf(key).filter(section -> known.contains(section) && !inSections(section).isEmpty())
                .findFirst();
        if (list.isPresent()) {
            throw value.place().mistake("there is no key " + key, "; " + list.get()
                    + " is a list of sections, which only the configuration file can have");
        }
        if (!sections.contains(key) && !known.contains(key)) {
            throw value.place().mistake("there is no key " + key, "; "
                    + nearest(key, Stream.concat(known.stream(), sections.stream())).map(nearest -> "the nearest is " + nearest)
                            .orElseGet(() -> siblings(key)));
        }
        if (sections.contains(key) && !value.isEmpty()) {
            throw value.mistake(" is a section of keys, not a value");
        }
        if (!value.sections().isEmpty()) {
            KnownKeys inner = new KnownKeys(inSections(key));
            value.sections().forEach(section -> section.values().forEach(inner::require));
        }
    }

    /** Returns the key that an environment variable sets. It can be a key that has moved. */
    Optional<String> ofVariable(String name) {
        return Stream.concat(known.stream(), MOVED.keySet().stream()).filter(key -> variable(key).equals(name)).findFirst();
    }

    /** Lists the names in the innermost known section around a key. */
    private String siblings(String key) {
        Optional<String> section = sectionsOf(key).filter(sections::contains).findFirst();
        String prefix = section.map(name -> name + ".").orElse("");
        return section.map(name -> name + " has ").orElse("at the top level there are ")
                + known.stream().filter(candidate -> candidate.startsWith(prefix))
                        .map(candidate -> candidate.substring(prefix.length()).replaceFirst("\\..*", "")).sorted().distinct()
                        .collect(joining(", "));
    }

    /** Returns the most similar variable. Unless the name begins with SSE_HUB_, the variable begins with the same word. */
    Optional<String> nearestVariable(String name) {
        String word = name.substring(0, name.indexOf('_') + 1);
        return nearest(name, known.stream().map(KnownKeys::variable)
                .filter(candidate -> name.startsWith("SSE_HUB_") || candidate.startsWith(word)));
    }

    /** Returns the most similar candidate; of several, the one whose length differs least. Returns none if none is similar. */
    private static Optional<String> nearest(String name, Stream<String> candidates) {
        String own = withoutRoot(name);
        return own.length() < SHORTEST_NAME
                ? Optional.empty()
                : candidates.filter(candidate -> distance(own, withoutRoot(candidate)) <= own.length() / 3)
                        .min(Comparator.comparingInt((String candidate) -> distance(own, withoutRoot(candidate)))
                                .thenComparingInt(candidate -> Math.abs(candidate.length() - name.length())));
    }

    /** Returns the name without its first part, which may be a root key that is misspelled. */
    private static String withoutRoot(String name) {
        return ROOT.matcher(name).replaceFirst("");
    }

    /** Counts the edits that make the name a part of the text (Damerau-Levenshtein: insert, delete, replace, swap). */
    private static int distance(String name, String text) {
        int[][] steps = new int[name.length() + 1][text.length() + 1];
        for (int i = 1; i <= name.length(); i++) {
            steps[i][0] = i;
            for (int j = 1; j <= text.length(); j++) {
                int replaced = steps[i - 1][j - 1] + (name.charAt(i - 1) == text.charAt(j - 1) ? 0 : 1);
                steps[i][j] = Math.min(replaced, Math.min(steps[i - 1][j], steps[i][j - 1]) + 1);
                if (i > 1 && j > 1 && name.charAt(i - 1) == text.charAt(j - 2) && name.charAt(i - 2) == text.charAt(j - 1)) {
                    steps[i][j] = Math.min(steps[i][j], steps[i - 2][j - 2] + 1);
                }
            }
        }
        return Arrays.stream(steps[name.length()]).min().orElseThrow();
    }
}
