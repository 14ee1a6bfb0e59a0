package dev.ssehub.bench;

import module java.base;

/** Until it is closed, Ctrl-C interrupts the thread that created it, and then the process waits a few seconds for the close. */
final class Interruption implements AutoCloseable {

    private static final int CLOSE_TIMEOUT_SECONDS = 5;

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook;

    Interruption() {
        Thread caller = Thread.currentThread();
        this.hook = Thread.ofPlatform().name("bench-interruption").unstarted(() -> interrupt(caller));
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void interrupt(Thread caller) {
        caller.interrupt();
        try {
            var _ = closed.await(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Closing twice does nothing. */
    @Override
    public void close() {
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            Thread.interrupted(); // the process is ending, and the interrupt has had its effect
        }
    }
}
