package dev.ssehub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.server.TestCertificate;
import dev.ssehub.tls.TlsFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The health check of the container, {@code config/health.sh}, asks hubs that are well and hubs that are not. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(60)
class HealthScriptIT {
    private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final int TIMED_OUT = 124;

    @TempDir
    private Path folder;

    private Process hub;

    @AfterEach
    void stop() throws InterruptedException {
        if (hub != null) {
            hub.destroyForcibly().waitFor();
        }
    }

    private record Result(int code, String output) {}

    /** Starts a program with the file of the address in its environment, as in the container. */
    private Process run(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("SSE_HUB_OBSERVE_ADDRESS_FILE", folder.resolve("address").toString());
        return builder.start();
    }

    /** Checks the health with a limit of so many seconds. */
    private Result check(int limit) throws Exception {
        Process check = run(List.of("timeout", Integer.toString(limit), "bash", "config/health.sh"));
        String output = new String(check.getInputStream().readAllBytes(), UTF_8);
        return new Result(check.waitFor(), output);
    }

    private void signal(String name) throws Exception {
        assertThat(run(List.of("kill", "-" + name, Long.toString(hub.pid()))).waitFor()).isZero();
    }

    private List<String> tls() throws Exception {
        TlsFiles files = TestCertificate.ec("health").write(folder);
        return List.of("-Dserver.tls.certificate=" + files.certificate(), "-Dserver.tls.private-key=" + files.privateKey());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tellsALiveHubFromOneThatHangsOrIsGone(boolean tls) throws Exception {
        assertThat(check(30).code()).as("a hub that has not started").isOne();

        List<String> command = new ArrayList<>(List.of(JAVA, "-XX:TieredStopAtLevel=1"));
        command.addAll(tls ? tls() : List.of());
        command.addAll(List.of("-Dserver.port=0", "-Dsse-hub.observe.port=0", "-Dsse-hub.observe.host=127.0.0.1",
                "-Dserver.allowed-hosts=hub.example.com", "-Dsse-hub.drain.delay=5m", "-jar", "target/sse-hub.jar"));
        hub = run(command);
        BufferedReader log = hub.inputReader();
        JarIT.awaitListening(log);
        String line = log.readLine();
        String url = line.substring(line.lastIndexOf(tls ? "https://" : "http://"), line.lastIndexOf("/observe"));
        assertThat(check(30)).as("a hub that is well").isEqualTo(new Result(0, ""));

        signal("STOP");
        assertThat(check(1).code()).as("a hub that hangs").isEqualTo(TIMED_OUT);
        signal("CONT");
        signal("TERM");
        assertThat(log.readLine()).contains("not ready any more");
        assertThat(check(30)).as("a hub that is stopping").isEqualTo(new Result(0, ""));

        hub.destroyForcibly().waitFor();
        Result gone = check(30);
        assertThat(gone.code()).isOne();
        assertThat(gone.output()).contains(tls ? "not live: " + url + " answered: nothing\n" : "Connection refused\n");
    }

    @Test
    void theFileIsNotNecessary() throws Exception {
        hub = run(List.of(JAVA, "-XX:TieredStopAtLevel=1", "-Dserver.port=0", "-Dsse-hub.observe.address-file=" + folder, "-jar",
                "target/sse-hub.jar"));
        BufferedReader log = hub.inputReader();
        assertThat(log.readLine()).contains("WARNING").endsWith(folder + " is no regular file");
        JarIT.awaitListening(log);
    }
}
