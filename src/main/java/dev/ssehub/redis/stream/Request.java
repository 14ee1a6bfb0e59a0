package dev.ssehub.redis.stream;

import dev.ssehub.history.HistoryUnavailableException;

/** Something that the next exchange of this node settles. */
interface Request {
    /** Tells the waiting thread that the exchange has failed. */
    void fail(HistoryUnavailableException why);
}
