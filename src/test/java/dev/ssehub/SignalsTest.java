package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;

/** What signals do. {@code JarIT} sends them to a process that serves. */
class SignalsTest {
    private final List<String> ends = new ArrayList<>();

    @Test
    void theFirstSignalStopsTheHubAndAllOthersEndTheProcess() {
        Signals signals = new Signals(code -> ends.add("exit " + code), code -> ends.add("halt " + code));
        signals.stop(15);
        signals.stop(2);
        signals.stop(15);

        assertThat(ends).containsExactly("exit 143", "halt 130", "halt 143");
    }

    @Test
    void receivesEachSignalOfTheProcess() throws Exception {
        Queue<Integer> received = new ConcurrentLinkedQueue<>();
        Signals.handle("WINCH", received::add);
        for (int i = 1; i <= 2; i++) {
            int sent = i;
            assertThat(new ProcessBuilder("kill", "-WINCH", Long.toString(ProcessHandle.current().pid())).start().waitFor())
                    .isZero();
            await().until(() -> received.size() == sent);
        }
        assertThat(received).containsExactly(28, 28);
    }
}
