package dev.ssehub.relay;

import module java.base;
import org.jspecify.annotations.Nullable;

/** How long a relay waits before it connects again. For one thread. */
final class Backoff {
    // With each failure in a row, the pause doubles. A random part of up to a half is taken off, so that the nodes and the relays that
    // have lost the same server do not come back together.

    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Duration LONGEST_ASKED = Duration.ofHours(1);
    private static final int MOST_DOUBLINGS = 10;

    private final DoubleSupplier random;
    private Duration base = FIRST;
    private int failures;

    /** @param random gives numbers from 0 to 1 */
    Backoff(DoubleSupplier random) {
        this.random = random;
    }

    /** Sets the pause after one failure, as the server wishes. */
    void setBase(@Nullable Long retryMillis) {
        if (retryMillis != null) {
            Duration asked = Duration.ofMillis(Math.min(retryMillis, LONGEST_ASKED.toMillis()));
            base = asked.compareTo(SHORTEST) < 0 ? SHORTEST : asked;
        }
    }

    /** Forgets earlier failures, because the server has sent something. */
    void reset() {
        failures = 0;
    }

    /** Counts a failure and returns the pause after it. */
    Duration afterFailure() {
        Duration pause = base.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
        failures++;
        return vary(pause.compareTo(longest()) > 0 ? longest() : pause);
    }

    /** Counts a failure and returns the pause after it, which is at least the one that the server asks for. */
    Duration afterFailure(Duration asked) {
        Duration own = afterFailure();
        Duration longest = Collections.min(List.of(asked, LONGEST_ASKED));
        return longest.compareTo(own) > 0 ? longest : own;
    }

    /** Returns the pause after the server has refused the relay, which only an operator can change. */
    Duration afterRefusal() {
        return vary(longest());
    }

    private Duration longest() {
        return base.compareTo(LONGEST) > 0 ? base : LONGEST;
    }

    private Duration vary(Duration pause) {
        return pause.minusNanos((long) (pause.toNanos() * random.getAsDouble() / 2));
    }
}
