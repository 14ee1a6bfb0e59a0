package dev.ssehub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ssehub.config.HubConfig;
import io.helidon.json.JsonArray;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonParser;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** The alerts and the dashboard use metrics that exist, and the documentation says what to do. */
class AlertsTest {
    private static final Path ALERTS = Path.of("config/alerts.yaml");
    private static final Path DASHBOARD = Path.of("config/grafana-dashboard.json");
    private static final Path PAGE = Path.of("src/site/markdown/operate.md");
    private static final Pattern METRIC = Pattern.compile("\\b((?:sse_hub|jvm|process)_[a-z_]+)(\\{[^}]*\\})?");
    private static final Pattern LABEL = Pattern.compile("(\\w+)(=~?)\"([^\"]*)\"");
    private static String scraped;

    @BeforeAll
    static void scrape() throws Exception {
        try (Application application = Application.start(() -> HubConfig.load(null, Map.of(), Map.of("server.port", "0")),
                Optional.empty(), Clock.systemUTC());
                InputStream metrics = URI.create("http://localhost:" + application.port() + "/observe/metrics").toURL()
                        .openStream()) {
            scraped = new String(metrics.readAllBytes(), UTF_8);
        }
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> alerts() throws IOException {
        Map<String, List<Map<String, Object>>> file = new Yaml().load(Files.readString(ALERTS));
        return file.get("groups").stream().flatMap(group -> ((List<Map<String, Object>>) group.get("rules")).stream()).toList();
    }

    private static List<String> queries() throws IOException {
        return panels().flatMap(panel -> panel.arrayValue("targets").stream().flatMap(targets -> targets.values().stream()))
                .map(target -> target.asObject().stringValue("expr").orElseThrow()).toList();
    }

    private static Stream<JsonObject> panels() throws IOException {
        JsonArray panels = JsonParser.create(Files.readString(DASHBOARD)).readJsonObject().arrayValue("panels").orElseThrow();
        return panels.values().stream().map(panel -> panel.asObject());
    }

    @Test
    void everyAlertUsesMetricsThatExist() throws IOException {
        assertThat(alerts()).isNotEmpty().allSatisfy(alert -> assertExists((String) alert.get("expr")));
    }

    @Test
    void everyQueryOfTheDashboardUsesMetricsThatExist() throws IOException {
        assertThat(queries()).hasSizeGreaterThan(40).allSatisfy(AlertsTest::assertExists);
    }

    /** Checks the metrics of a query, and the values of their labels, except those of the garbage collector that runs. */
    private static void assertExists(String query) {
        List<MatchResult> metrics = METRIC.matcher(query).results().toList();
        assertThat(metrics.isEmpty()).as(query).isEqualTo(query.startsWith("up{"));
        for (MatchResult metric : metrics) {
            List<String> samples = scraped.lines().filter(line -> line.matches(metric.group(1) + "[{ ].*")).toList();
            assertThat(samples).as("%s in %s", metric.group(1), query).isNotEmpty();
            for (MatchResult label : LABEL.matcher(Objects.requireNonNullElse(metric.group(2), "")).results().toList()) {
                for (String value : label.group(3).split("[|]")) {
                    assertThat(List.of("job", "instance", "pool").contains(label.group(1)) || samples.stream()
                            .anyMatch(line -> line.contains(label.group(1) + "=\"" + value + "\"")))
                            .as("%s in %s", label.group(), query)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void everyPanelSaysWhatItShowsAndHasAPlace() throws IOException {
        Set<String> places = new HashSet<>();
        assertThat(panels()).allSatisfy(panel -> {
            assertThat(panel.stringValue("title").orElse("")).isNotBlank();
            assertThat(places.add(panel.objectValue("gridPos").orElseThrow().toString())).as("a place of its own").isTrue();
            assertThat(panel.stringValue("type").orElseThrow().equals("row") || panel.stringValue("description").isPresent())
                    .isTrue();
        });
    }

    @Test
    @SuppressWarnings("unchecked")
    void everyAlertHasASummaryAndASectionThatSaysWhatToDo() throws IOException {
        String page = Files.readString(PAGE);
        Set<String> anchors = Pattern.compile("^#+ (.+)$", Pattern.MULTILINE).matcher(page).results()
                .map(heading -> "operate.md#" + heading.group(1).toLowerCase(Locale.ROOT).replace(' ', '-')).collect(toSet());
        Map<String, String> runbooks = new TreeMap<>();
        for (Map<String, Object> alert : alerts()) {
            Map<String, String> annotations = (Map<String, String>) alert.get("annotations");
            assertThat(annotations.get("summary")).isNotBlank().endsWith(".");
            assertThat(anchors).contains(annotations.get("runbook"));
            assertThat(((Map<String, String>) alert.get("labels")).get("severity")).isIn("critical", "warning");
            runbooks.put((String) alert.get("alert"), annotations.get("runbook"));
        }
        assertThat(Pattern.compile("^\\| `(SseHub\\w+)` \\| .+ \\| .*\\((#[a-z-]+)\\) \\|$", Pattern.MULTILINE).matcher(page)
                .results()
                .collect(toMap(row -> row.group(1), row -> "operate.md" + row.group(2)))).isEqualTo(runbooks);
    }

    /** Prometheus' own tool decides whether the alerts fire when they should. It is not needed to build the hub. */
    @Test
    void theAlertsFireWhenTheyShould(@TempDir Path folder) throws Exception {
        assumeTrue(Stream.of(System.getenv("PATH").split(File.pathSeparator)).anyMatch(path -> Files.isExecutable(
                Path.of(path, "promtool"))), "promtool is not installed");
        Path rules = folder.resolve("dashboard.yaml");
        StringBuilder all = new StringBuilder("groups: [{name: dashboard, rules: [\n");
        for (String query : queries()) {
            all.append("{record: a, expr: '").append(query.replace("$__rate_interval", "5m")).append("'},\n");
        }
        Files.writeString(rules, all.append("]}]\n"));
        promtool("check", "rules", "--lint=none", ALERTS.toString(), rules.toString());
        promtool("test", "rules", "src/test/resources/alerts-test.yaml");
        Path metrics = Files.writeString(folder.resolve("metrics"), scraped);
        promtool(metrics.toFile(), "check", "metrics");
    }

    private static void promtool(String... arguments) throws Exception {
        promtool(new File("/dev/null"), arguments);
    }

    private static void promtool(File input, String... arguments) throws Exception {
        Process process = new ProcessBuilder(Stream.concat(Stream.of("promtool"), Stream.of(arguments)).toList())
                .redirectInput(input).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }
}
