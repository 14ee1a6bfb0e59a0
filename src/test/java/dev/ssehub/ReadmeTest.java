package dev.ssehub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import dev.ssehub.config.HubConfig;
import dev.ssehub.config.HubConfigTest;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What the README's tables promise is what the program does. The table of the configuration: {@link HubConfigTest}. */
class ReadmeTest {

    @Test
    void theTableOfRequestsIsTrue() throws Exception {
        Matcher rows = rows("\\| `([A-Z]+) (/\\S*)`(?: `(\\S+)`)? \\| (\\d+) \\|");
        int checked = 0;
        try (Application application = Application.start(HubConfig.load(null, Map.of(), Map.of("server.port", "0")));
                HttpClient client = HttpClient.newHttpClient()) {
            for (; rows.find(); checked++) {
                URI uri = URI.create("http://localhost:" + application.port() + rows.group(2));
                String form = rows.group(3) == null ? "" : rows.group(3);
                HttpResponse<InputStream> response = client.send(HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .method(rows.group(1), HttpRequest.BodyPublishers.ofString(form)).build(),
                        HttpResponse.BodyHandlers.ofInputStream());
                assertThat(response.statusCode()).as(rows.group()).isEqualTo(Integer.parseInt(rows.group(4)));
                response.body().close();
            }
        }
        assertThat(checked).isEqualTo(18);
    }

    @Test
    void theTableOfArgumentsIsComplete() throws Exception {
        CommandLine commandLine = Main.commandLine();
        Set<String> arguments = new TreeSet<>(commandLine.getSubcommands().keySet());
        commandLine.getCommandSpec().options().forEach(option -> arguments.add(option.longestName()));

        assertThat(names("### Command line")).isEqualTo(arguments);
    }

    @Test
    void theTableOfTheBenchIsCompleteAndHasItsDefaults() throws Exception {
        CommandSpec bench = Main.commandLine().getSubcommands().get("bench").getCommandSpec();
        Map<String, String> defaults = new TreeMap<>();
        bench.positionalParameters().forEach(parameter -> defaults.put(parameter.paramLabel(), ""));
        bench.options().stream().filter(option -> !option.usageHelp() && !option.versionHelp()).forEach(option -> defaults
                .put(option.longestName(), option.defaultValue() == null ? "" : "default `" + option.defaultValue() + "` |"));

        assertThat(names("## Measuring")).isEqualTo(defaults.keySet());
        for (Map.Entry<String, String> argument : defaults.entrySet()) {
            assertThat(row("## Measuring", argument.getKey())).contains(argument.getValue());
        }
    }

    /** Whether each does what it should: SseServiceTest, PublishTest. */
    @Test
    void theTablesOfParametersAndFieldsAreComplete() throws Exception {
        assertThat(names("**To subscribe**")).containsExactlyInAnyOrder("topic", "lastEventID", "live", "explain", "stream");
        assertThat(names("**To publish**")).containsExactlyInAnyOrder("topic", "data", "type", "id", "retry", "private");
    }

    @Test
    void theTableOfMetricsIsComplete() throws Exception {
        Set<String> metrics = new TreeSet<>();
        try (Application application = Application.start(HubConfig.load(null, Map.of(), Map.of("server.port", "0")));
                HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://localhost:" + application.port() + "/observe/metrics");
            Matcher types = Pattern.compile("^# TYPE (\\S+)", Pattern.MULTILINE)
                    .matcher(client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString()).body());
            while (types.find()) {
                metrics.add(types.group(1));
            }
        }
        assertThat(names("`/observe/metrics` has")).isEqualTo(metrics);
    }

    /** What stands in the first column of the first table after this text. */
    private static Set<String> names(String heading) throws Exception {
        Matcher rows = Pattern.compile("^\\| `((?:--)?[A-Za-z_-]+)` \\|", Pattern.MULTILINE).matcher(table(heading));
        Set<String> names = new TreeSet<>();
        while (rows.find()) {
            names.add(rows.group(1));
        }
        return names;
    }

    private static String row(String heading, String name) throws Exception {
        return table(heading).lines().filter(line -> line.startsWith("| `" + name + "` |")).findFirst().orElseThrow();
    }

    private static String table(String heading) throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        String table = readme.substring(readme.indexOf("\n|", readme.indexOf(heading)));
        return table.substring(0, table.indexOf("\n\n"));
    }

    private static Matcher rows(String regex) throws Exception {
        return Pattern.compile("^" + regex, Pattern.MULTILINE).matcher(Files.readString(Path.of("README.md")));
    }
}
