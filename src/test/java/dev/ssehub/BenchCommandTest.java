package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.config.HubConfig;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Runs the command {@code bench} against a hub. {@code BenchTest} covers servers that make mistakes. */
class BenchCommandTest {
    private record Outcome(int code, String out, String err) {}

    private static Outcome bench(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int code = commandLine.execute(Stream.concat(Stream.of("bench"), Arrays.stream(arguments)).toArray(String[]::new));
        return new Outcome(code, out.toString(), err.toString());
    }

    private static Application hub() {
        return Application.start(() -> HubConfig.load(null, Map.of(), Map.of("server.port", "0", "server.host", "127.0.0.1",
                "sse-hub.publish.anonymous-topics", "*", "sse-hub.feeds.time.enabled", "false",
                "sse-hub.feeds.system.enabled", "false")), Optional.empty(), Clock.system(ZoneId.systemDefault()));
    }

    @Test
    void theHubHasACleanResult() {
        try (Application hub = hub()) {
            String url = "http://localhost:" + hub.port() + "/sse";
            Outcome outcome = bench(url + "?topic=bench{topic}", "--publish", url, "--publish-body",
                    "topic=bench{topic}&data={data}", "--topics", "3", "--subscribers", "50", "--slow", "5", "--rate", "200",
                    "--duration", "1s", "--json", "--threads", "2", "--size", "1000");

            assertThat(outcome.code()).as(outcome.toString()).isZero();
            JsonObject result = JsonParser.create(outcome.out()).readJsonObject();
            assertThat(result.booleanValue("clean")).contains(true);
            JsonObject subscribers = result.objectValue("subscribers").orElseThrow();
            assertThat(subscribers.intValue("connected")).contains(50);
            JsonObject events = result.objectValue("events").orElseThrow();
            assertThat(events.intValue("published")).contains(200);
            assertThat(events.intValue("acknowledged")).contains(200);
            JsonObject deliveries = result.objectValue("deliveries").orElseThrow();
            // 67, 67, 66 events; 17, 17, 16 subscribers, 2, 2 and 1 of which do not read
            assertThat(deliveries.intValue("expected")).contains(67 * 15 + 67 * 15 + 66 * 15);
            assertThat(deliveries.intValue("received")).contains(3000);
            assertThat(deliveries.intValue("lost")).contains(0);
            assertThat(result.objectValue("latencyMillis").orElseThrow().keysAsStrings())
                    .containsExactlyInAnyOrder("p50", "p90", "p99", "p99.9", "max");
            assertThat(outcome.err()).contains("events published");
        }
    }

    /** The measured server is the process of the test itself. */
    @Test
    void reportsCpuTimeAndMemoryOfTheServersProcess() {
        try (Application hub = hub()) {
            String url = "http://localhost:" + hub.port() + "/sse";
            String pid = Long.toString(ProcessHandle.current().pid());
            Outcome json = bench(url + "?topic=/a/{x}", "--publish", url, "--publish-body", "topic=/a/1&data={data}",
                    "--duration", "500ms", "--rate", "200", "--pid", pid, "--json");

            assertThat(json.code()).as(json.toString()).isZero();
            JsonObject server = JsonParser.create(json.out()).readJsonObject().objectValue("server").orElseThrow();
            assertThat(server.doubleValue("cpuSeconds").orElseThrow()).isBetween(0.05, 60.0);
            assertThat(server.doubleValue("cpuMicrosPerDelivery").orElseThrow()).isBetween(5.0, 6_000.0);
            if (Files.exists(Path.of("/proc/self/status"))) {
                assertThat(server.longValue("memoryBytes").orElseThrow()).isBetween(50L << 20, 20L << 30);
                assertThat(server.longValue("memoryOfSubscribersBytes")).isPresent();
            }
            Outcome table = bench(url + "?topic=t", "--duration", "200ms", "--pid", pid);
            assertThat(table.out()).containsPattern("server's CPU time +[0-9.]+  s\n");
        }
    }

    @Test
    void reportsNothingOfAProcessThatHasEnded() throws Exception {
        try (Application hub = hub()) {
            Process process = new ProcessBuilder("sleep", "1").start(); // the run takes at least 1.5 s
            Outcome outcome = bench("http://localhost:" + hub.port() + "/sse?topic=t", "--duration", "1s", "--pid",
                    Long.toString(process.pid()));
            process.destroyForcibly().waitFor();

            assertThat(outcome.code()).as(outcome.toString()).isZero();
            assertThat(outcome.out()).contains("subscribers connected").doesNotContain("server's");
        }
    }

    @Test
    void theTableIsAligned() {
        try (Application hub = hub()) {
            String url = "http://localhost:" + hub.port() + "/sse";
            Outcome outcome = bench(url + "?topic=chat", "--publish", url, "--duration", "500ms", "--rate", "20");

            assertThat(outcome.code()).as(outcome.toString()).isZero();
            List<String> lines = outcome.out().lines().toList();
            assertThat(lines).allMatch(line -> line.matches("[a-z0-9. ]{21}  {1,8}[0-9,.]+(  \\S.*)?"))
                    .extracting(line -> line.substring(0, 21).strip())
                    .containsExactly("subscribers connected", "events published", "events acknowledged", "deliveries expected",
                            "deliveries received", "deliveries lost", "deliveries repeated", "bytes received", "latency p50",
                            "latency p90", "latency p99", "latency p99.9", "latency max");
            assertThat(lines).anyMatch(line -> line.matches("deliveries expected +1,000"));
        }
    }

    /** The result contains the words with which the hub refuses the topic. */
    @Test
    void reportsRefusalsAndExitsWithOne() {
        try (Application hub = hub()) {
            String url = "http://localhost:" + hub.port() + "/sse";
            Outcome outcome = bench(url + "?topic=chat", "--publish", url, "--publish-body", "data={data}", "--duration",
                    "200ms",
                    "--rate", "20", "--subscribers", "2");

            assertThat(outcome.code()).isEqualTo(1);
            assertThat(outcome.out()).containsPattern("events refused +4  the first: answered 400 .*topic");

            Outcome none = bench(url + "?topic=", "--subscribers", "2");
            assertThat(none.code()).isEqualTo(1);
            assertThat(none.err()).startsWith("sse-hub: no subscriber gets a stream from " + url + "?topic=: answered 400 ");
            assertThat(none.err().lines()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "http://192.0.2.1/sse|192.0.2.1 is not a loopback address; use --remote to allow other hosts",
            "http://127.0.0.1/sse --publish http://192.0.2.1/|192.0.2.1 is not a loopback address;"
                    + " use --remote to allow other hosts",
            "http://localhost/ --rate 5|--rate needs --publish: without it, nothing is published",
            "http://localhost/ --publish-body {data}|--publish-body needs --publish: without it, nothing is published",
            "https://localhost/sse|bench supports http only, not https: https://localhost/sse",
            "localhost:8080|'localhost:8080' is not a URL such as http://localhost:8080/sse?topic=chat",
            "http://localhost/^x|'http://localhost/^x' is not a URL: Illegal character in path",
            "http://localhost/ --pid 0|--pid is 0, but there is no such process",
            "http://localhost/ --pid x|Invalid value for option '--pid': 'x' is not a long",
            "http://localhost/ --duration fast|Invalid value for option '--duration': 'fast' is not a duration; it must be 500ms, 10s,"
                    + " 2m, 1h, 1d, or ISO-8601 (PT10S)",
            "http://localhost/ --duration 0s|--duration must be greater than 0 and at most a day",
            "http://localhost/ --duration 25h|--duration must be greater than 0 and at most a day",
            "http://localhost/ --duration 999999999999h|Invalid value for option '--duration': '999999999999h' is not a duration;"
                    + " it must be 500ms, 10s, 2m, 1h, 1d, or ISO-8601 (PT10S)",
            "http://localhost/ --subscribers 0|--subscribers is 0; it must be 1 to 1000000",
            "http://localhost/ --slow 101|--slow is 101; it must be 0 to 100",
            "http://localhost/ --ramp 0|--ramp is 0; it must be 1 to 100000",
            "http://localhost/ --threads 0|--threads is 0; it must be 1 to 1000",
            "http://localhost/ --topics 2|--topics 2 needs {topic} in http://localhost/",
            "http://localhost/{topic} --topics 2 --publish http://localhost/|--topics 2 needs {topic} in --publish or in"
                    + " --publish-body",
            "http://localhost/ --publish http://localhost/ --publish-body x|--publish-body must contain {data}",
            "http://localhost/ --publish http://localhost/ --rate 0|--rate must be greater than 0 and at most 1000000",
            "http://localhost/ --publish http://localhost/ --rate NaN|--rate must be greater than 0 and at most 1000000",
            "http://localhost/ --publish http://localhost/ --rate 1000000 --duration 1h|--rate times --duration is more than"
                    + " 100000000 events",
            "http://localhost/ --publish http://localhost/ --size -1|--size is -1; it must be 0 to 10000000",
            "http://localhost/ --header x|--header is 'x'; it must be a name, a colon and a value",
            "http://localhost/ --config x|Unknown options: '--config', 'x'", "--json|Missing required parameter: 'URL'"})
    void aWrongValuePrintsOneLineAndExitsWithTwo(String arguments, String message) {
        Outcome outcome = bench(arguments.split(" "));

        assertThat(outcome.err().lines()).containsExactly("sse-hub: " + message + "; try --help");
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void refusesMoreSubscribersThanFiles() {
        Outcome outcome = bench("http://localhost/", "--subscribers", "1000000");

        assertThat(outcome.err())
                .matches("sse-hub: --subscribers is 1000000, but the process may open only \\d+ files \\(ulimit -n\\),"
                        + " which is enough for \\d+; try --help\n");
        assertThat(outcome.code()).isEqualTo(2);
    }

    @Test
    void anUnknownHostPrintsOneLineAndExitsWithOne() {
        assertThat(bench("http://no.such.host.invalid/")).isEqualTo(new Outcome(1, "",
                "sse-hub: unknown host: no.such.host.invalid\n"));
    }
}
