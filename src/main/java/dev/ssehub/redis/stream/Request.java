package dev.ssehub.redis.stream;

import dev.ssehub.history.HistoryUnavailableException;

/** Something that waits for the next exchange of this node with Redis. */
interface Request {
    /** Tells the waiting thread that the exchange has failed. */
    void fail(HistoryUnavailableException why);
}
