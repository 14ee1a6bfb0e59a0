package dev.ssehub.connection;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ssehub.limit.Budget;
import dev.ssehub.server.TestSettings;
import io.helidon.webserver.CloseConnectionException;
import org.junit.jupiter.api.Test;

class RequestPhaseTest {
    private static final int MEMORY = 8_000_000;

    private final Budget memory = new Budget(MEMORY);
    private final Deadline deadline = new Deadline(Thread.currentThread(), System::nanoTime);
    private boolean beforeHeaders = true;
    private final RequestPhase phase = new RequestPhase(new TestSettings().build()::limits, memory, deadline,
            () -> beforeHeaders);

    @Test
    void allRequestsShareTheMemoryForHeadersAndLargeRequestsAreRefusedFirst() {
        RequestPhase other = new RequestPhase(new TestSettings().build()::limits, memory, deadline, () -> true);
        phase.afterRead(bytes("x".repeat(MEMORY / 2 - 1000)));
        assertThatThrownBy(() -> other.afterRead(bytes("x".repeat(16_000)))).isInstanceOf(CloseConnectionException.class);
        other.afterRead(bytes("x".repeat(1000)));
        assertThat(other.end()).isEqualTo(Deadline.End.NO_HEADER_MEMORY);
        assertThat(phase.end()).isEqualTo(Deadline.End.DONE);
        assertThat(memory.left()).isEqualTo(MEMORY);
    }

    @Test
    void manySmallReadsAndManyLinesTakeMoreMemoryThanTheirBytes() {
        for (int i = 0; i < 1000; i++) {
            phase.afterRead(bytes("x"));
        }
        assertThat(MEMORY - memory.left()).isGreaterThan(50_000);
        phase.end();
        phase.afterRead(bytes("a:\r\n".repeat(1000)));
        assertThat(MEMORY - memory.left()).isGreaterThan(300_000);
    }

    @Test
    void headersTakeMemoryUntilTheAnswerIsCompleteAndBodiesTakeNone() {
        phase.afterRead(bytes("x".repeat(1000)));
        beforeHeaders = false;
        phase.headersComplete();
        long held = memory.left();
        phase.beforeRead();
        phase.afterRead(bytes("x".repeat(100_000)));
        assertThat(memory.left()).isEqualTo(held).isLessThan(MEMORY - 1000);

        beforeHeaders = true;
        phase.beforeRead();
        assertThat(memory.left()).isEqualTo(MEMORY);
    }

    @Test
    void anIncompleteRequestIsLateButAClientMayStaySilentAfterAnAnswer() {
        assertThat(lateAfter(_ -> {})).isEqualTo(Deadline.End.LATE);
        assertThat(lateAfter(begun -> begun.afterRead(bytes("GET")))).isEqualTo(Deadline.End.LATE);
        assertThat(lateAfter(RequestPhaseTest::ask)).as("the body, or the answer").isEqualTo(Deadline.End.LATE);
        assertThat(lateAfter(idle -> {
            ask(idle);
            idle.beforeRead();
        })).isEqualTo(Deadline.End.DONE);
        assertThat(lateAfter(next -> {
            ask(next);
            next.beforeRead();
            next.afterRead(bytes("GET"));
        })).isEqualTo(Deadline.End.LATE);
    }

    /** The time that the headers took does not count. */
    @Test
    void theAnswerHasItsOwnDeadline() {
        Deadline own = new Deadline(Thread.currentThread(), System::nanoTime);
        RequestPhase begun = new RequestPhase(new TestSettings().build()::limits, memory, own, () -> true);
        begun.afterRead(bytes("GET / HTTP/1.1\r\n\r\n"));
        long before = System.nanoTime();
        begun.headersComplete();
        assertThat(own.age(before)).isNotPositive();
    }

    private Deadline.End lateAfter(Consumer<RequestPhase> steps) {
        Deadline own = new Deadline(Thread.currentThread(), System::nanoTime);
        RequestPhase late = new RequestPhase(new TestSettings().build()::limits, memory, own, () -> true);
        steps.accept(late);
        own.check(System.nanoTime() + Duration.ofDays(1).toNanos());
        assertThat(Thread.interrupted()).isTrue();
        return late.end();
    }

    private static void ask(RequestPhase phase) {
        phase.afterRead(bytes("GET / HTTP/1.1\r\n\r\n"));
        phase.headersComplete();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
