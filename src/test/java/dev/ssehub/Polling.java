package dev.ssehub;

import module java.base;
import org.awaitility.Awaitility;
import org.awaitility.pollinterval.IterativePollInterval;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has every {@code await()} look at once and then often. Awaitility's default is to look after 100 ms for the first time, which this
 * suite would wait for a thousand times. JUnit finds it in {@code META-INF/services}.
 */
public final class Polling implements BeforeAllCallback {

    private static final Duration LONGEST = Duration.ofMillis(100);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(IterativePollInterval.iterative(Polling::next, Duration.ofMillis(2)));
    }

    private static Duration next(Duration last) {
        return last.compareTo(LONGEST) < 0 ? last.multipliedBy(2) : last;
    }
}
