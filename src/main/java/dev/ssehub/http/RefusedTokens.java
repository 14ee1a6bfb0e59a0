package dev.ssehub.http;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Tells the log why tokens are refused, for a wrong key would refuse all of them. Any thread may call. */
final class RefusedTokens {

    private static final System.Logger LOG = System.getLogger(RefusedTokens.class.getName());
    /** Anybody can send what is refused. */
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final LongSupplier nanoTime;
    private final AtomicLong toldAt;

    RefusedTokens(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.toldAt = new AtomicLong(nanoTime.getAsLong() - PAUSE.toNanos());
    }

    /** One was refused, for what this sentence says. */
    void tell(String sentence) {
        long now = nanoTime.getAsLong();
        long before = toldAt.get();
        if (now - before >= PAUSE.toNanos() && toldAt.compareAndSet(before, now)) {
            LOG.log(Level.WARNING,
                    "a token was refused: " + CrossOrigin.shown(sentence) + "; others are only counted for a minute "
                            + "(sse_hub_requests_refused_total, status 401)");
        }
    }
}
