package dev.ssehub;

import module java.base;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.config.HubConfig;
import dev.ssehub.config.HubConfigTest;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The README and the documentation agree with the program and with each other. {@link HubConfigTest} checks the table of
 * configuration keys, {@link MetricsTest} those of the metrics, {@link SharedStreamTest} the table of {@code sse-hub.js}.
 */
class ReadmeTest {
    private static final Path README = Path.of("README.md");
    private static final Path PAGES = Path.of("src/site/markdown");
    private static final Path SOURCES = Path.of("src/main/java/dev/ssehub");
    private static final int MAX_README_LINES = 200;
    private static final String DEFAULT = "(`[^`]*`|empty) \\|";

    @Test
    void limitsTheLengthOfTheReadme() throws IOException {
        assertThat(Files.readAllLines(README)).hasSizeLessThanOrEqualTo(MAX_README_LINES);
    }

    @Test
    void linksToEveryPage() throws IOException {
        Set<Path> linked = links(README).map(link -> Path.of(link.replaceFirst("#.*", ""))).collect(toSet());
        try (Stream<Path> pages = Files.list(PAGES)) {
            assertThat(linked).containsAll(pages.toList());
        }
    }

    static Stream<Path> documents() throws IOException {
        return Stream.concat(Stream.of(README), Files.list(PAGES).sorted());
    }

    @ParameterizedTest
    @MethodSource("documents")
    void resolvesEveryRelativeLink(Path document) throws IOException {
        for (String link : links(document).toList()) {
            String[] parts = link.split("#", 2);
            Path target = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]).normalize();
            assertThat(target).as("%s links to %s", document, link).exists();
            if (parts.length == 2) {
                assertThat(anchors(target)).as("%s links to %s", document, link).contains(parts[1]);
            }
        }
    }

    /** An example with an unknown key or variable would fail for every user who copies it. */
    @ParameterizedTest
    @MethodSource("documents")
    void mentionsOnlyExistingKeysAndVariables(Path document) throws IOException {
        Set<String> keys = configuration().keySet();
        assertThat(matches(document, "\\b(sse-hub\\.(?!jar|js|aot|service)[a-z]+[a-z.-]*[a-z])")).allSatisfy(
                found -> assertThat(keys).as(found.group()).anyMatch(key -> (key + ".").startsWith(found.group() + ".")));
        assertThat(matches(document, "\\b((?:SSE_HUB|SERVER)_[A-Z_]*[A-Z])\\b(?<!SSE_HUB_CONFIG|SERVER_PROT)"))
                .allSatisfy(found -> assertThat(keys).as(found.group())
                        .anyMatch(key -> key.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT).equals(found.group())));
    }

    @Test
    void documentsTheDefaultsOfTheKeysInTheReadme() throws IOException {
        Map<String, String> keys = matches(README, "^\\| `((?:server|sse-hub)\\.[a-z.-]+)` \\| " + DEFAULT)
                .collect(toMap(row -> row.group(1), row -> row.group(2)));

        assertThat(keys).hasSize(8);
        assertThat(configuration()).containsAllEntriesOf(keys);
    }

    @Test
    void documentsTheRequests() throws Exception {
        List<MatchResult> rows = matches(page("protocol"), "^\\| `([A-Z]+) (/\\S*)`(?: `(\\S+)`)? \\| (\\d+) \\|").toList();
        assertThat(rows).hasSize(23);
        try (Application application = start(); HttpClient client = HttpClient.newHttpClient()) {
            for (MatchResult row : rows) {
                URI uri = URI.create("http://localhost:" + application.port() + row.group(2));
                String form = row.group(3) == null ? "" : row.group(3);
                HttpResponse<InputStream> response = client.send(HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .method(row.group(1), HttpRequest.BodyPublishers.ofString(form)).build(),
                        HttpResponse.BodyHandlers.ofInputStream());
                assertThat(response.statusCode()).as(row.group()).isEqualTo(Integer.parseInt(row.group(4)));
                response.body().close();
            }
        }
    }

    @Test
    void documentsEveryArgument() throws IOException {
        CommandLine commandLine = Main.commandLine();
        Set<String> arguments = new TreeSet<>(commandLine.getSubcommands().keySet());
        commandLine.getCommandSpec().options().forEach(option -> arguments.add(option.longestName()));

        assertThat(names("operate", "## Command line")).isEqualTo(arguments);
    }

    @Test
    void documentsEveryBenchOptionWithItsDefault() throws IOException {
        CommandSpec bench = Main.commandLine().getSubcommands().get("bench").getCommandSpec();
        Map<String, String> defaults = new TreeMap<>();
        bench.positionalParameters().forEach(parameter -> defaults.put(parameter.paramLabel(), ""));
        bench.options().stream().filter(option -> !option.usageHelp() && !option.versionHelp()).forEach(option -> defaults
                .put(option.longestName(), option.defaultValue() == null ? "" : "default `" + option.defaultValue() + "` |"));

        assertThat(names("bench", "## The load generator")).isEqualTo(defaults.keySet());
        for (Map.Entry<String, String> argument : defaults.entrySet()) {
            assertThat(row("bench", "## The load generator", argument.getKey())).contains(argument.getValue());
        }
    }

    /** SseServiceTest and PublishTest check what each of them does. */
    @Test
    void documentsEveryParameterAndField() throws IOException {
        assertThat(names("protocol", "## Subscribe")).containsExactlyInAnyOrder("topic", "lastEventID", "live", "explain",
                "checkpoints", "streamName", "last");
        assertThat(names("protocol", "## Publish")).containsExactlyInAnyOrder("topic", "data", "type", "id", "retry", "private",
                "end");
    }

    @Test
    void documentsTheSystemFeed() throws Exception {
        Set<String> fields;
        try (Application application = start(); HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://localhost:" + application.port() + "/sse?topic=system&lastEventID=earliest");
            try (Stream<String> lines = client.send(HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
                    HttpResponse.BodyHandlers.ofLines()).body()) {
                String data = lines.filter(line -> line.startsWith("data: {\"time\"")).findFirst().orElseThrow();
                fields = Pattern.compile("\"(\\w+)\":").matcher(data).results().map(field -> field.group(1)).collect(toSet());
            }
        }
        String rows = table("feeds", "## system").lines().map(line -> line.split("\\|")[1]).reduce("", String::concat);
        assertThat(Pattern.compile("\\w+").matcher(rows.replace("Field", "")).results().map(MatchResult::group).collect(toSet()))
                .isEqualTo(fields);
    }

    @Test
    void documentsEveryPackage() throws IOException {
        Set<String> packages;
        try (Stream<Path> files = Files.walk(SOURCES)) {
            packages = files.filter(file -> file.endsWith("package-info.java"))
                    .map(file -> SOURCES.relativize(file.getParent()).toString().replace('/', '.')).collect(toSet());
        }
        Set<String> documented = Pattern.compile("`([a-z.]+)`").matcher(table("design", "## The packages")).results()
                .map(name -> name.group(1).equals("dev.ssehub") ? "" : name.group(1)).collect(toSet());
        assertThat(documented).isEqualTo(packages);
    }

    @Test
    void namesOnlyExistingClassesInTheDesign() throws IOException {
        Set<String> classes;
        try (Stream<Path> files = Files.walk(SOURCES)) {
            classes = files.map(file -> file.getFileName().toString().replace(".java", "")).collect(toSet());
        }
        assertThat(matches(page("design"), "`([A-Z][a-z]+\\w*)(?:\\.\\w+)?`").map(name -> name.group(1))).isNotEmpty()
                .allSatisfy(name -> assertThat(classes).contains(name));
    }

    private static Application start() {
        return Application.start(() -> HubConfig.load(null, Map.of(), Map.of("server.port", "0")), Optional.empty(),
                Clock.system(ZoneId.systemDefault()));
    }

    private static Path page(String name) {
        return PAGES.resolve(name + ".md");
    }

    /** Returns every documented key of the configuration with its default. */
    private static Map<String, String> configuration() throws IOException {
        return matches(page("configuration"), "^\\| `([a-z][a-z.-]+)` \\| `[A-Z_]+` \\| " + DEFAULT)
                .collect(toMap(row -> row.group(1), row -> row.group(2)));
    }

    private static Stream<MatchResult> matches(Path document, String regex) throws IOException {
        return Pattern.compile(regex, Pattern.MULTILINE).matcher(Files.readString(document)).results();
    }

    /** Returns the relative links and images. */
    private static Stream<String> links(Path document) throws IOException {
        return Pattern.compile("]\\(([^)\\s]+)\\)").matcher(withoutCode(document)).results().map(link -> link.group(1))
                .filter(link -> !link.matches("[a-z]+:.*"));
    }

    /** Returns the anchors that GitHub generates for the headings. */
    private static Set<String> anchors(Path document) throws IOException {
        return Pattern.compile("^#+ (.+)$", Pattern.MULTILINE).matcher(withoutCode(document)).results()
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 _-]", "").replace(' ', '-'))
                .collect(toSet());
    }

    private static String withoutCode(Path document) throws IOException {
        return Pattern.compile("^ *```.*?^ *```$", Pattern.MULTILINE | Pattern.DOTALL).matcher(Files.readString(document))
                .replaceAll("");
    }

    /** Returns the first column of the first table below this heading. */
    private static Set<String> names(String page, String heading) throws IOException {
        return Pattern.compile("^\\| `((?:--)?[A-Za-z_-]+)` \\|", Pattern.MULTILINE).matcher(table(page, heading)).results()
                .map(row -> row.group(1)).collect(toSet());
    }

    private static String row(String page, String heading, String name) throws IOException {
        return table(page, heading).lines().filter(line -> line.startsWith("| `" + name + "` |")).findFirst().orElseThrow();
    }

    private static String table(String page, String heading) throws IOException {
        String text = Files.readString(page(page));
        int start = text.indexOf("\n" + heading + "\n");
        assertThat(start).as("%s in %s", heading, page).isNotNegative();
        String table = text.substring(text.indexOf("\n|", start) + 1);
        return table.substring(0, table.indexOf("\n\n"));
    }
}
