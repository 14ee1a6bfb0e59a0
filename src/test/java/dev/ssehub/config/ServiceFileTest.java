package dev.ssehub.config;

import module java.base;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

/** The unit for systemd agrees with the hub. */
class ServiceFileTest {
    private static final Path UNIT = Path.of("config/sse-hub.service");

    private final Map<String, List<String>> unit = read();

    /** Returns the values of each setting, in their order. */
    private static Map<String, List<String>> read() {
        try {
            return Files.readAllLines(UNIT).stream().filter(line -> line.matches("[A-Z]\\w*=.*")).map(line -> line.split("=", 2))
                    .collect(groupingBy(part -> part[0], mapping(part -> part[1], toList())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String value(String name) {
        assertThat(unit.get(name)).as(name).hasSize(1);
        return unit.get(name).getFirst();
    }

    private HubConfig config() {
        return Deployment.load(unit.get("Environment").stream().map(text -> text.split("=", 2))
                .filter(part -> !part[0].equals(HubConfig.FILE)).collect(toMap(part -> part[0], part -> part[1])));
    }

    @Test
    void keepsTheHistoryInTheFolderOfTheServiceAndTakesTheKeyFromTheCredential() {
        Path history = config().historyFile().orElseThrow().path();

        assertThat(history.getParent()).hasToString("%S/" + value("StateDirectory"));
        assertThat(unit.get("Environment")).contains("SSE_HUB_AUTH_KEY_FILE=%d/" + value("LoadCredential").split(":")[0]);
    }

    @Test
    void leavesTheHubTheTimeToStop() {
        Deployment.assertHasTimeToStop(config(), value("TimeoutStopSec"));
        assertThat(value("SuccessExitStatus")).isEqualTo("143");
    }

    @Test
    void givesTheHubTheMemoryAndTheFilesThatItsHeapNeeds() throws IOException {
        Deployment.assertHasMemoryForTheHeap(value("MemoryMax"));
        assertThat(Integer.parseInt(value("LimitNOFILE"))).isGreaterThan(16_384);
    }

    @Test
    void isCorrectForSystemd() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "systemd-analyze is not installed");
        Process verify = new ProcessBuilder("systemd-analyze", "verify", UNIT.toString()).redirectErrorStream(true).start();
        String complaints = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        // whether this machine has Java at that place does not matter
        assertThat(complaints.lines().filter(line -> !line.contains("/usr/bin/java"))).isEmpty();
    }
}
