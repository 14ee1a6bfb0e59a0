package dev.ssehub.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.Semaphore;

import org.junit.jupiter.api.Test;

import io.helidon.webserver.CloseConnectionException;

class RequestPhaseTest {

    private static final int MEMORY = 10_000;

    private final Semaphore memory = new Semaphore(MEMORY);
    private final ConnectionWatch watch = new ConnectionWatch();
    private boolean beforeHeaders = true;
    private final RequestPhase phase = new RequestPhase(new TestSettings().build().limits(), memory, watch,
            () -> beforeHeaders);

    @Test
    void theHeadersOfAllRequestsShareTheMemory() {
        RequestPhase other = new RequestPhase(new TestSettings().build().limits(), memory, watch, () -> true);
        phase.hasRead(bytes("x".repeat(6000)));
        assertThatThrownBy(() -> other.hasRead(bytes("x".repeat(6000)))).isInstanceOf(CloseConnectionException.class);
        other.end();
        phase.end();
        assertThat(memory.availablePermits()).isEqualTo(MEMORY);
    }

    @Test
    void manySmallPiecesAndManyLinesCostMoreThanTheirBytes() {
        assertThatThrownBy(() -> {
            for (int i = 0; i < 200; i++) {
                phase.hasRead(bytes("x"));
            }
        }).isInstanceOf(CloseConnectionException.class);
        phase.end();
        assertThatThrownBy(() -> phase.hasRead(bytes("a:\r\n".repeat(30)))).isInstanceOf(CloseConnectionException.class);
    }

    @Test
    void headersAreHeldUntilTheAnswerIsOverAndBodiesAreNotCounted() {
        phase.hasRead(bytes("x".repeat(1000)));
        beforeHeaders = false;
        phase.hasFirstLine();
        phase.hasHeaders();
        int held = memory.availablePermits();
        phase.reads();
        phase.hasRead(bytes("x".repeat(100_000)));
        assertThat(memory.availablePermits()).isEqualTo(held).isLessThan(MEMORY - 1000);

        beforeHeaders = true;
        phase.reads();
        assertThat(memory.availablePermits()).isEqualTo(MEMORY);
    }

    @Test
    void aRequestThatCameTogetherWithTheOneBeforeEndsThatOne() {
        phase.hasRead(bytes("x".repeat(1000)));
        phase.hasFirstLine();
        phase.hasHeaders();
        phase.hasFirstLine();
        assertThat(memory.availablePermits()).isEqualTo(MEMORY);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
