package dev.ssehub;

import module java.base;
import org.awaitility.Awaitility;
import org.awaitility.pollinterval.IterativePollInterval;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes every {@code await()} poll immediately and then often. Awaitility's default is a first poll after 100 ms, which would slow
 * this suite down: it awaits about a thousand conditions. JUnit finds this class in {@code META-INF/services}.
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
