package dev.ssehub.server;

import module java.base;
import io.helidon.webserver.http.FilterChain;

/** The requests that are being answered. A stream is none, because its request ends when the stream begins. Thread-safe. */
final class UnderWay {
    private static final int MAX = Integer.MAX_VALUE;

    private final Semaphore requests = new Semaphore(MAX);

    /** Answers a request. */
    void proceed(FilterChain chain) {
        requests.acquireUninterruptibly(); // does not wait: there are not so many requests
        try {
            chain.proceed();
        } finally {
            requests.release();
        }
    }

    /** Waits until no request is being answered, but not longer than this. */
    void awaitEnd(Duration timeout) throws InterruptedException {
        if (requests.tryAcquire(MAX, timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            requests.release(MAX);
        }
    }
}
