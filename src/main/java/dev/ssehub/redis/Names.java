package dev.ssehub.redis;

import module java.base;

/** Looks up the addresses of hosts. Thread-safe. */
final class Names {
    // The JDK cannot limit or interrupt a look-up. So each look-up has a thread, which ends with it. Threads that need the same
    // host meanwhile wait for this thread, so a host never has more than one.

    private final Function<String, Callable<InetAddress[]>> lookUp;
    private final Map<String, FutureTask<InetAddress[]>> last = new ConcurrentHashMap<>();

    /** @param lookUp returns what looks up a host */
    Names(Function<String, Callable<InetAddress[]>> lookUp) {
        this.lookUp = lookUp;
    }

    /**
     * Returns the addresses of a host, at least one.
     *
     * @throws IOException if the host has none, or they are not known in time
     */
    List<InetAddress> addresses(String host, Deadline deadline) throws IOException {
        FutureTask<InetAddress[]> task = Objects.requireNonNull(
                last.compute(host, (_, before) -> before == null || before.isDone() ? start(host) : before));
        try {
            return List.of(task.get(deadline.millisLeft(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException e) {
            throw e.getCause() instanceof UnknownHostException unknown ? unknown : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("its name was not looked up in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the look-up of its name was interrupted");
        }
    }

    private FutureTask<InetAddress[]> start(String host) {
        FutureTask<InetAddress[]> task = new FutureTask<>(lookUp.apply(host));
        Thread.ofPlatform().name("redis-names").daemon().start(task);
        return task;
    }
}
