package dev.ssehub.mercure;

import java.lang.System.Logger.Level;
import java.util.function.LongSupplier;

import dev.ssehub.http.CrossOrigin;
import dev.ssehub.limit.LogThrottle;

/** Tells the log why tokens are refused, for a wrong key would refuse all of them. Any thread may call. */
public final class RefusedTokens {

    private static final System.Logger LOG = System.getLogger(RefusedTokens.class.getName());

    private final LogThrottle telling;

    RefusedTokens(LongSupplier nanoTime) {
        this.telling = new LogThrottle(nanoTime);
    }

    /** One was refused, for what this sentence says. */
    void tell(String sentence) {
        if (telling.isDue()) {
            LOG.log(Level.WARNING,
                    "a token was refused: " + CrossOrigin.shown(sentence) + "; others are only counted for a minute "
                            + "(sse_hub_requests_refused_total, status 401)");
        }
    }
}
