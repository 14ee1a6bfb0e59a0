package dev.ssehub.relay;

import module java.base;
import java.net.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/** The body of an answer, which is read with a time limit. One thread reads; the client's threads write. */
final class Answer implements HttpResponse.BodySubscriber<Answer>, AutoCloseable {
    // The next buffers are asked for only when the previous ones were taken. So at most one item and the end wait here, and a server
    // that sends faster than the hub publishes is slowed down by TCP.

    private static final int ITEM_AND_END = 2;

    private final BlockingQueue<Signal> signals = new ArrayBlockingQueue<>(ITEM_AND_END);
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

    private sealed interface Signal {
        record Item(List<ByteBuffer> buffers) implements Signal {}

        record End(@Nullable Throwable failure) implements Signal {}
    }

    /** Returns this at once, so that the client does not wait for the end of the body. */
    @Override
    public CompletionStage<Answer> getBody() {
        return CompletableFuture.completedStage(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription.complete(given);
        given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> item) {
        signals.add(new Signal.Item(item));
    }

    @Override
    public void onError(Throwable failure) {
        signals.add(new Signal.End(failure));
    }

    @Override
    public void onComplete() {
        signals.add(new Signal.End(null));
    }

    /**
     * Waits for the next bytes. The caller must be done with the previous ones. Returns nothing when the time is over.
     *
     * @throws IOException if the body has ended, or the connection is broken
     */
    Optional<List<ByteBuffer>> next(Duration timeout) throws IOException, InterruptedException {
        Signal signal = signals.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
        return switch (signal) {
            case null -> Optional.empty();
            case Signal.Item(List<ByteBuffer> buffers) -> {
                subscription.join().request(1);
                yield Optional.of(buffers);
            }
            case Signal.End(Throwable failure) -> throw new EOFException(
                    failure == null ? "the server has ended the stream" : "the connection broke: " + failure.getMessage());
        };
    }

    /** Closes the connection, unless the body has ended. Does not block. */
    @Override
    public void close() {
        CompletableFuture<Void> _ = subscription.thenAccept(Flow.Subscription::cancel); // at once, or when there is one
    }
}
