package dev.ssehub.config;

import module java.base;
import static dev.ssehub.config.Conversions.require;

import dev.ssehub.access.ReservedTopics;
import dev.ssehub.cluster.Scope;
import dev.ssehub.event.HubEvents;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.relay.RelaySettings;
import java.net.http.HttpRequest;

/** Reads the relays. */
final class RelayConfig {
    private static final String RELAY = KnownKeys.RELAY;
    private static final String URL = RELAY + ".url";
    private static final String TOPIC = RELAY + ".topic";
    private static final String TOPICS = RELAY + ".topics";
    private static final String HEADERS = RELAY + ".headers";
    private static final String HEADER_FILES = RELAY + ".header-files";
    private static final String PRIVATE = RELAY + ".private";
    private static final String SCOPE = RELAY + ".scope";
    private static final String IDLE_TIMEOUT = RELAY + ".idle-timeout";
    private static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(5);
    private static final int MOST_RELAYS = 100; // each has a thread

    private RelayConfig() {}

    static List<RelaySettings> relays(ConfigReader config, LimitSettings publishers) {
        List<ConfigReader> sections = config.sections(RELAY, "relays such as {url: 'https://example.com/events', topic: news}");
        if (sections.size() > MOST_RELAYS) {
            throw config.mistake(RELAY, " has " + sections.size() + " relays; it may have " + MOST_RELAYS + " at most");
        }
        Set<URI> urls = new HashSet<>();
        List<RelaySettings> relays = new ArrayList<>();
        for (ConfigReader section : sections) {
            RelaySettings relay = relay(section, publishers);
            if (!urls.add(relay.url())) {
                throw section.mistake(URL, " is that of an earlier relay, too: " + relay.place());
            }
            relays.add(relay);
        }
        return List.copyOf(relays);
    }

    private static RelaySettings relay(ConfigReader relay, LimitSettings publishers) {
        if (!relay.isSet(URL)) {
            throw relay.mistake(URL, " is missing; each relay needs it");
        }
        Map<String, String> topics = map(relay, TOPICS, "the name of a topic for each type, such as {price: prices}",
                topic -> ReservedTopics.requireOther(topic).text());
        topics.keySet().stream().filter(HubEvents.TYPES::contains).findFirst().ifPresent(type -> {
            throw relay.mistake(TOPICS,
                    " has the type " + type + ", which belongs to the hub itself, so that it leaves out such events");
        });
        Optional<String> topic = relay.isSet(TOPIC) ? Optional.of(relay.topic(TOPIC)) : Optional.empty();
        if (topic.isEmpty() && topics.isEmpty()) {
            throw relay.mistake(TOPIC, " is missing; each relay needs it, or " + TOPICS);
        }
        Map<String, String> headers = headers(relay, HEADERS, text -> text);
        Map<String, Path> files = headers(relay, HEADER_FILES, Path::of);
        files.keySet().stream().filter(headers::containsKey).findFirst().ifPresent(name -> {
            throw relay.mistake(HEADER_FILES, " has " + name + ", and so has " + HEADERS + "; only one of them is allowed");
        });
        return new RelaySettings(url(relay), topic, topics, headers, files, relay.isSet(PRIVATE) && relay.bool(PRIVATE),
                relay.isSet(IDLE_TIMEOUT) ? relay.duration(IDLE_TIMEOUT, "1s", "1d") : DEFAULT_IDLE_TIMEOUT,
                relay.isSet(SCOPE) ? relay.constant(SCOPE, Scope.class) : Scope.CLUSTER,
                new RelaySettings.Limits(publishers.maxPublishSize(), publishers.maxNameLength(),
                        publishers.publishesPerToken()));
    }

    /** The message of a mistake does not show the query, which may have a secret. */
    private static URI url(ConfigReader relay) {
        String text = relay.text(URL);
        try {
            URI url = URI.create(text);
            Conversions.toUrl(RelaySettings.place(url));
            require(url.getRawFragment() == null && HttpRequest.newBuilder(url) != null, url);
            return url;
        } catch (IllegalArgumentException _) {
            throw relay.mistake(URL, " is '" + text.replaceFirst("(?s)\\?.*", "?***").replaceFirst("//[^/]*@", "//***@")
                    + "'; it must be a URL such as https://example.com/events, without a user and a fragment");
        }
    }

    private static <T> Map<String, T> headers(ConfigReader relay, String key, Function<String, T> conversion) {
        return map(relay, key, "the names of headers with their values, but none that HTTP itself needs, such as Host",
                conversion,
                name -> name.toLowerCase(Locale.ROOT), (name, value) -> {
                    HttpRequest.Builder request = HttpRequest.newBuilder();
                    request.setHeader(name, value);
                });
    }

    private static <T> Map<String, T> map(ConfigReader relay, String key, String allowed, Function<String, T> conversion) {
        return map(relay, key, allowed, conversion, name -> name, (_, _) -> {});
    }

    /** The message of a mistake does not show the values, which may be secret. */
    private static <T> Map<String, T> map(ConfigReader relay, String key, String allowed, Function<String, T> conversion,
            UnaryOperator<String> name, BiConsumer<String, String> check) {
        Map<String, T> map = new LinkedHashMap<>();
        for (String entry : relay.isSet(key) ? Objects.requireNonNull(relay.values().get(key)).items() : List.<String>of()) {
            int end = Math.max(0, entry.indexOf('=')); // a list has entries without a name
            String entryName = name.apply(entry.substring(0, end).strip());
            String text = entry.substring(end).replaceFirst("^=", "").strip();
            try {
                check.accept(entryName, text);
                require(!entryName.isEmpty() && !text.isEmpty(), text);
                require(map.put(entryName, conversion.apply(text)) == null, text);
            } catch (IllegalArgumentException _) {
                throw relay.mistake(key,
                        " has a wrong entry, '" + entryName + "'; it must have " + allowed + ", and each only once");
            }
        }
        return map;
    }

    /** Returns a sentence about each setting that is allowed but probably not intended. */
    static List<String> warnings(List<RelaySettings> relays) {
        return relays.stream().flatMap(relay -> relay.headerFiles().values().stream()).filter(file -> !Files.isReadable(file))
                .map(file -> HEADER_FILES + ": the file " + file + " cannot be read; the relay waits for it").toList();
    }
}
