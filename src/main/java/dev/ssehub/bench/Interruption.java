package dev.ssehub.bench;

import module java.base;

/** Until it is closed, Ctrl-C interrupts the thread that created it, and then the process waits a few seconds for the close. */
final class Interruption implements AutoCloseable {
    private static final int CLOSE_TIMEOUT_SECONDS = 5;

    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();
    private final Thread hook;

    Interruption() {
        Thread caller = Thread.currentThread();
        this.hook = Thread.ofPlatform().name("bench-interruption").unstarted(() -> {
            caller.interrupt();
            closed.completeOnTimeout(false, CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Closing twice does nothing. */
    @Override
    public void close() {
        closed.complete(true);
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            Thread.interrupted(); // the process is ending, and the interrupt has had its effect
        }
    }
}
