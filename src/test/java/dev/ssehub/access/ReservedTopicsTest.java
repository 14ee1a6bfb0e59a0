package dev.ssehub.access;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which topics only the hub publishes to. */
class ReservedTopicsTest {
    @ParameterizedTest
    @ValueSource(strings = {"/.well-known/mercure", "/.well-known/mercure/",
            "/.well-known/mercure/subscriptions/chat/urn%3Auuid%3A1",
            "https://hub.example/.well-known/mercure/subscriptions/x", "https://hub.example/.well-known/mercure",
            "HTTP://user:pw@hub.example:8080/.well-known/mercure/x", "https://[::1]/.well-known/mercure/x",
            "//hub.example/.well-known/mercure/x", "https:/hub.example/.well-known/mercure/x",
            "https:hub.example/.well-known/mercure/x",
            "https:///hub.example/.well-known/mercure/x", "file:///.well-known/mercure/x",
            "capacitor://localhost/.well-known/mercure/x",
            "/.well-known/%6dercure/x", "/.well-known/%6Dercure/x", "/%2Ewell-known/mercure/x", "/%2ewell-known/me%72cure",
            "/.well-known/%256dercure/x", "/.well-known/%25256dercure/x", "/.well-known%2Fmercure%2Fx",
            "%2F.well-known%2Fmercure%2Fx",
            "https%3A%2F%2Fhub.example%2F.well-known%2Fmercure%2Fx", "https://hub.example%2f.well-known/mercure/x",
            "/a/../.well-known/mercure/x", "/./.well-known/mercure/x", "/.well-known/./mercure/x", "/.well-known/a/../mercure/x",
            "/../../.well-known/mercure/x", "/a/%2e%2e/.well-known/mercure/x", "/a/.%2E/.well-known/mercure/x",
            "/a%2F..%2F.well-known/mercure/x", "/a%2Fb/../.well-known/%6dercure/x", "/.well-known/mercure/x%2F..%2F..%2F..%2Fy",
            "/.well-known/mercure/x/../../y", "//.well-known/mercure/x", "///.well-known///mercure///x",
            "/a//../.well-known/mercure/x",
            "/a//../../.well-known/mercure/x", "\\.well-known\\mercure\\x", "https:\\\\hub.example\\.well-known\\mercure\\x",
            "/.well-known%5Cmercure%5Cx", "/.WELL-KNOWN/Mercure/x", " /.well-known/mercure/x", "/.well-known/mercure?x",
            "/.well-known/mercure#x", "/.well-known/mercure/x?y#z", ".well-known/mercure/x", "./.well-known/mercure/x",
            "../.well-known/mercure/x", "/.well-known/mercure/x\u2028"})
    void areRecognisedHoweverTheyAreWritten(String topic) {
        assertThat(ReservedTopics.contains(topic)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat", "*", "/", "%", "%2", "%2F", "a%", "%%%", "https://example.com", "https://example.com/books/1",
            "urn:x",
            "/.well-known", "/.well-known/", "/.well-known/mercury/x", "/.well-known/mercurex", "/.well-known/mercure-x/y",
            "/.well-known/acme-challenge/mercure", "/mercure/x", "mercure", "mercure/subscriptions/x", "/well-known/mercure/x",
            "/books/.well-known/mercure/x", "https://example.com/books/.well-known/mercure/x", "/a?b=/.well-known/mercure/x",
            "https://example.com/a#/.well-known/mercure/x", "https://example.com?/.well-known/mercure/x",
            "?/.well-known/mercure/x",
            "/go/https%3A%2F%2Fhub.example%2F.well-known%2Fmercure%2Fx", "/go/https://hub.example/.well-known/mercure/x",
            "urn:example:.well-known/mercure/x", "orders: /.well-known/mercure/x", "hub.example/.well-known/mercure/x",
            "/a/b/../.well-known/mercure/x", "/..well-known/mercure", "/.well-known./mercure", "/.well-known/mercure%20/x",
            "/%ef%bc%8ewell-known/mercure/x", "see /.well-known/mercure/x"})
    void areNotConfusedWithOthers(String topic) {
        assertThat(ReservedTopics.contains(topic)).isFalse();
    }

    /** Writes a reserved path in a random way that does not change where it leads. */
    @Provide
    Arbitrary<String> spellings() {
        Arbitrary<String> host = Arbitraries.of("", "https://hub.example", "HTTP://a:b@[::1]:80", "//h", "ws://h", "https:\\\\h");
        Arbitrary<String> way = Arbitraries.of("/", "\\", "//", "/./", "/%2e/", "/x/../", "/x%2F../", "/x/%2E%2e/",
                "/a/b/.%2e/..\\", "/%5c",
                "/x%252Fy/..//%2e./");
        Arbitrary<String> end = Arbitraries.of("", "/", "/x", "?x", "#x", "%2fx", "\\x");
        return Combinators.combine(host, way, way, end, Arbitraries.randoms()).as((start, first, second, rest,
                random) -> start + first + spell(".well-known", random) + second + spell("mercure", random) + rest);
    }

    private static String spell(String text, Random random) {
        StringBuilder spelled = new StringBuilder();
        for (char c : text.toCharArray()) {
            spelled.append(switch (random.nextInt(5)) {
                case 0 -> "%%%02x".formatted((int) c);
                case 1 -> "%%%02X".formatted((int) c);
                case 2 -> "%%25%02x".formatted((int) c);
                case 3 -> Character.toUpperCase(c);
                default -> c;
            });
        }
        return spelled.toString();
    }

    @Property(tries = 1_000)
    void areRecognisedInRandomSpellings(@ForAll("spellings") String topic) {
        assertThat(ReservedTopics.contains(topic)).isTrue();
    }

    @Provide
    Arbitrary<String> references() {
        return Arbitraries
                .of("/", "/", "..", ".", "a", ".well-known", ".well-known/mercure", "mercure", "%2e", "%2F", "%6dercure",
                        "https:",
                        "https://h", "//", "?", "#", "urn:", "x")
                .list().ofMinSize(1).ofMaxSize(9).map(parts -> String.join("", parts));
    }

    /** What the JDK resolves to a reserved path is reserved. */
    @Property(tries = 5_000)
    void includesTheReadingOfTheJdk(@ForAll("references") String topic) {
        String path;
        try {
            path = URI.create("https://base.example/").resolve(topic).normalize().getPath();
        } catch (IllegalArgumentException e) {
            return;
        }
        if (path != null && (path.equals("/.well-known/mercure") || path.startsWith("/.well-known/mercure/"))) {
            assertThat(ReservedTopics.contains(topic)).isTrue();
        }
    }

    @Property(tries = 1_000)
    void areOnlyThoseThatNameThePath(@ForAll String any) {
        assertThat(ReservedTopics.contains(any)).isEqualTo(ReservedTopics.contains(any + "?/.well-known/mercure/"));
        assertThat(ReservedTopics.contains("/books/" + URLEncoder.encode(any, UTF_8).replace(".", ""))).isFalse();
    }

    /** Anyone who may publish can send such topics. */
    @Test
    void areFoundInLinearTime() {
        String percents = "%25".repeat(100_000);
        assertTimeout(Duration.ofSeconds(5), () -> {
            for (String topic : List.of(percents, "%" + "25".repeat(100_000), "/%2e%2e".repeat(100_000),
                    "/x".repeat(100_000) + "%",
                    "/".repeat(200_000) + "%", "%2F".repeat(100_000), "a:".repeat(100_000) + "%", "\\".repeat(100_000) + "%")) {
                assertThat(ReservedTopics.contains(topic)).isFalse();
            }
        });
    }
}
