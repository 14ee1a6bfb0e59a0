package dev.ssehub.redis;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

class NamesTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    /** A server of names that does not answer keeps a look-up for half a minute. */
    @Test
    void aLookUpThatHangsIsNotWaitedForAndNotRepeated() throws Exception {
        AtomicInteger started = new AtomicInteger();
        CountDownLatch answer = new CountDownLatch(1);
        Names names = new Names(_ -> () -> {
            started.incrementAndGet();
            answer.await();
            return new InetAddress[]{InetAddress.getLoopbackAddress()};
        });
        for (int i = 0; i < 3; i++) {
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> names.addresses("redis.internal", Deadline.in(Duration.ZERO)))
                    .withMessage("its name was not looked up in time");
        }
        answer.countDown();
        assertThat(names.addresses("redis.internal", Deadline.in(LONG))).containsExactly(InetAddress.getLoopbackAddress());
        assertThat(started).hasValueBetween(1, 2);
    }

    @Test
    void eachLookUpIsANewOne() throws Exception {
        Queue<InetAddress> answers = new ArrayDeque<>(
                List.of(InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral("192.0.2.2")));
        Names names = new Names(_ -> () -> new InetAddress[]{answers.remove()});
        assertThat(names.addresses("redis.internal", Deadline.in(LONG))).containsExactly(InetAddress.ofLiteral("192.0.2.1"));
        assertThat(names.addresses("redis.internal", Deadline.in(LONG))).containsExactly(InetAddress.ofLiteral("192.0.2.2"));
    }
}
