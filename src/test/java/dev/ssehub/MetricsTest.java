package dev.ssehub;

import module java.base;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.config.HubConfig;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The metrics of a hub that has just started agree with their documentation. */
class MetricsTest {
    private static final Path PAGE = Path.of("src/site/markdown/metrics.md");
    private static Application application;
    private static String scraped;

    @BeforeAll
    static void start() throws Exception {
        application = Application.start(() -> HubConfig.load(null, Map.of(), Map.of("server.port", "0")), Optional.empty(),
                Clock.systemUTC());
        scraped = scrape();
    }

    @AfterAll
    static void stop() {
        application.close();
    }

    private static String scrape() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://localhost:" + application.port() + "/observe/metrics");
            return client.send(HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
                    HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    @Test
    void documentsEveryMetricWithItsType() throws IOException {
        Map<String, String> types = matches(scraped, "^# TYPE (\\S+) (\\S+)")
                .collect(toMap(type -> type.group(1), type -> type.group(2)));
        assertThat(rows().collect(toMap(row -> row.group(1), row -> row.group(2)))).isEqualTo(types);
    }

    @Test
    void documentsEveryValueOfALabel() throws IOException {
        Map<String, Set<String>> values = matches(scraped, "^(sse_hub_\\w+)\\{(?!le=|version=)(\\w+)=\"([^\"]*)\"\\} ")
                .collect(groupingBy(sample -> sample.group(1) + " by " + sample.group(2),
                        mapping(sample -> sample.group(3), toSet())));
        Map<String, Set<String>> documented = rows().filter(row -> row.group(3).contains(", by `")).collect(toMap(
                row -> row.group(1) + " by " + row.group(3).replaceFirst("(?s).*, by `(\\w+)`.*", "$1"),
                row -> matches(row.group(3).replaceFirst(".*, by `\\w+`: ", "").replaceFirst("\\. .*", ""), "`([a-z0-9-]+)`")
                        .map(value -> value.group(1)).collect(toSet())));
        assertThat(documented).isEqualTo(values);
    }

    /** The rules of promtool check metrics. */
    @Test
    void followsTheConventionsOfPrometheus() {
        assertThat(matches(scraped, "^# TYPE (\\S+) (\\S+)")).isNotEmpty().allSatisfy(type -> {
            String name = type.group(1);
            assertThat(name).matches("[a-z][a-z0-9_]*").doesNotContain("_millis").doesNotContain("_ms_").doesNotContain("__");
            assertThat(name.endsWith("_total")).as(name).isEqualTo(type.group(2).equals("counter"));
            assertThat(name.endsWith("_info")).as(name)
                    .isEqualTo(scraped.contains("\n" + name + "{version=") || name.equals("jvm_runtime_info"));
            assertThat(name).doesNotContain(type.group(2)).doesNotEndWith("_count").doesNotEndWith("_sum")
                    .doesNotEndWith("_bucket");
            assertThat(matches(scraped, "^# HELP " + name + " (.+)$")).as(name).hasSize(1);
        });
    }

    /** Returns the rows of all tables of metrics: name, type, and what the metric is. */
    private static Stream<MatchResult> rows() throws IOException {
        return matches(Files.readString(PAGE), "^\\| `([a-z0-9_]+)` \\| (\\w+) \\| (.*?) \\| .+ \\|$");
    }

    private static Stream<MatchResult> matches(String text, String regex) {
        return Pattern.compile(regex, Pattern.MULTILINE).matcher(text).results();
    }
}
