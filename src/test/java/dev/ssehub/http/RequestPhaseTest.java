package dev.ssehub.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import io.helidon.webserver.CloseConnectionException;

class RequestPhaseTest {

    private static final int MEMORY = 8_000_000;

    private final HeaderMemory memory = new HeaderMemory(MEMORY);
    private final ConnectionWatch watch = new ConnectionWatch();
    private boolean beforeHeaders = true;
    private final RequestPhase phase = new RequestPhase(new TestSettings().build().limits(), memory, watch,
            () -> beforeHeaders);

    @Test
    void theHeadersOfAllRequestsShareTheMemoryAndLargeOnesEndFirst() {
        RequestPhase other = new RequestPhase(new TestSettings().build().limits(), memory, watch, () -> true);
        phase.hasRead(bytes("x".repeat(MEMORY / 2 - 1000)));
        assertThatThrownBy(() -> other.hasRead(bytes("x".repeat(16_000)))).isInstanceOf(CloseConnectionException.class);
        other.hasRead(bytes("x".repeat(1000)));
        assertThat(other.end()).isEqualTo(RequestPhase.End.NO_ROOM);
        assertThat(phase.end()).isEqualTo(RequestPhase.End.WELL);
        assertThat(memory.left()).isEqualTo(MEMORY);
    }

    @Test
    void manySmallPiecesAndManyLinesCostMoreThanTheirBytes() {
        for (int i = 0; i < 1000; i++) {
            phase.hasRead(bytes("x"));
        }
        assertThat(MEMORY - memory.left()).isGreaterThan(50_000);
        phase.end();
        phase.hasRead(bytes("a:\r\n".repeat(1000)));
        assertThat(MEMORY - memory.left()).isGreaterThan(300_000);
    }

    @Test
    void headersAreHeldUntilTheAnswerIsOverAndBodiesAreNotCounted() {
        phase.hasRead(bytes("x".repeat(1000)));
        beforeHeaders = false;
        phase.hasFirstLine();
        phase.hasHeaders();
        int held = memory.left();
        phase.reads();
        phase.hasRead(bytes("x".repeat(100_000)));
        assertThat(memory.left()).isEqualTo(held).isLessThan(MEMORY - 1000);

        beforeHeaders = true;
        phase.reads();
        assertThat(memory.left()).isEqualTo(MEMORY);
    }

    @Test
    void aRequestThatCameTogetherWithTheOneBeforeEndsThatOne() {
        phase.hasRead(bytes("x".repeat(1000)));
        phase.hasFirstLine();
        phase.hasHeaders();
        phase.hasFirstLine();
        assertThat(memory.left()).isEqualTo(MEMORY);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
