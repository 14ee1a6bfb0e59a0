package dev.ssehub.connection;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.limit.Connections;
import dev.ssehub.limit.ProcessLimits;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.server.TestSettings;
import org.junit.jupiter.api.Test;

class ConnectionWatchTest {
    /** The watch may be checking a connection at the moment when it becomes a stream. */
    @Test
    void aConnectionThatHasLeftTheWatchHasNoDeadline() {
        ConnectionWatch watch = new ConnectionWatch(
                new Connections(new TestSettings().build().limits(), new ProcessLimits(5000, 1L << 40, 16_384), new NoMetrics()),
                System::nanoTime);
        ConnectionWatch.Watched watched = Objects.requireNonNull(watch.enter(InetAddress.ofLiteral("1.1.1.1")));
        watched.deadline().set(Duration.ofSeconds(1));
        watch.leave();
        watched.deadline().check(System.nanoTime() + Duration.ofDays(1).toNanos());
        assertThat(Thread.interrupted()).isFalse();
        assertThat(watch.size()).isZero();
    }

    @Test
    void everyEndExceptTheNormalOneHasItsOwnLimit() {
        assertThat(Deadline.End.DONE.limit).isNull();
        assertThat(Stream.of(Deadline.End.values()).map(end -> end.limit).filter(Objects::nonNull))
                .containsExactlyInAnyOrder(Limit.REQUEST_TIME, Limit.CONNECTIONS, Limit.HEADER_SIZE);
    }
}
