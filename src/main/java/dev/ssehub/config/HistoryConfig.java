package dev.ssehub.config;

import module java.base;
import dev.ssehub.history.Limits.TopicRule;
import dev.ssehub.history.Limits;
import dev.ssehub.history.database.HistoryFile;
import dev.ssehub.history.database.Sync;
import dev.ssehub.topic.TopicSelector;

/** Reads the keys of the history. */
final class HistoryConfig {
    private static final String TOPICS = "sse-hub.history.topics";
    static final String FILE = "sse-hub.history.file";
    private static final String SYNC = "sse-hub.history.sync";
    private static final String MATCH = TOPICS + ".match";
    private static final String MAX_EVENTS = TOPICS + ".max-events";
    private static final String MAX_AGE = TOPICS + ".max-age";
    private static final String MAX_BYTES = TOPICS + ".max-bytes";
    private static final int MOST_RULES = 100; // each topic is compared with all of them
    static final int MOST_EVENTS = 10_000_000;
    static final long MOST_BYTES = 1L << 40;
    static final String LONGEST = "365d";

    private HistoryConfig() {}

    static Limits limits(ConfigReader config) {
        Duration maxAge = config.duration("sse-hub.history.max-age", "0s", LONGEST);
        return new Limits(config.integer("sse-hub.history.max-events", 0, MOST_EVENTS), maxAge,
                config.size("sse-hub.history.max-bytes", 0L, MOST_BYTES), rules(config, maxAge));
    }

    private static List<TopicRule> rules(ConfigReader config, Duration maxAge) {
        List<ConfigReader> sections = config.sections(TOPICS, "rules such as {match: 'run/{id}', max-events: 5000}");
        if (sections.size() > MOST_RULES) {
            throw config.mistake(TOPICS, " has " + sections.size() + " rules; it may have " + MOST_RULES + " at most");
        }
        Set<String> matches = new HashSet<>();
        List<TopicRule> rules = new ArrayList<>();
        for (ConfigReader section : sections) {
            TopicRule rule = rule(section, maxAge);
            if (!matches.add(rule.match().text())) {
                throw section.mistake(MATCH, " is '" + rule.match().text() + "', and so is that of an earlier rule");
            }
            rules.add(rule);
        }
        return List.copyOf(rules);
    }

    private static TopicRule rule(ConfigReader rule, Duration maxAge) {
        if (!rule.isSet(MATCH)) {
            throw rule.mistake(MATCH, " is missing; each rule needs it");
        }
        return new TopicRule(rule.selector(MATCH),
                rule.isSet(MAX_EVENTS) ? rule.integer(MAX_EVENTS, 0, MOST_EVENTS) : Integer.MAX_VALUE,
                rule.isSet(MAX_AGE) ? rule.duration(MAX_AGE, "0s", LONGEST) : maxAge,
                rule.isSet(MAX_BYTES) ? rule.size(MAX_BYTES, 0L, MOST_BYTES) : null);
    }

    /** Returns the file of the history; empty if the history is in memory. */
    static Optional<HistoryFile> file(ConfigReader config) {
        Sync sync = config.constant(SYNC, Sync.class);
        return config.optionalFile(FILE).map(path -> new HistoryFile(path, sync));
    }

    /** Returns a sentence about each setting that is allowed but probably not intended. */
    static List<String> warnings(ConfigReader config, Limits limits, long heap) {
        List<String> warnings = new ArrayList<>();
        boolean inMemory = !config.isSet(FILE);
        if (inMemory && config.constant(SYNC, Sync.class) == Sync.DISK) {
            warnings.add(SYNC + " has no effect: " + FILE + " is empty");
        }
        List<TopicRule> rules = limits.rules();
        int all = rules.stream().map(TopicRule::match).toList().indexOf(new TopicSelector.Any());
        if (all >= 0 && all < rules.size() - 1) {
            warnings.add(TOPICS + " has rules that have no effect: the rule of * comes before "
                    + rules.subList(all + 1, rules.size()).stream().map(rule -> rule.match().text())
                            .collect(Collectors.joining(", "))
                    + ", and the first rule that matches a topic counts");
        }
        for (TopicRule rule : rules) {
            Long budget = rule.maxBytes();
            String match = rule.match().text();
            if (rule.match() instanceof TopicSelector.Exact && match.contains("{")) {
                warnings.add(MATCH + " '" + match + "' is the name of one topic, because it is not a valid template");
            }
            if (budget == null && rule.maxEvents() < Integer.MAX_VALUE && rule.maxEvents() > limits.maxEvents()) {
                warnings.add(MAX_EVENTS + " of " + match + " is " + rule.maxEvents() + ", but without " + MAX_BYTES
                        + " of its own, the rule shares sse-hub.history.max-events, which is " + limits.maxEvents());
            }
            if (inMemory && budget != null && budget > heap / 2) {
                warnings.add(
                        MAX_BYTES + " of " + rule.match().text() + " is " + budget + ", which is more than half of the heap ("
                                + heap + " bytes): the hub may run out of memory");
            }
        }
        return warnings;
    }
}
