package dev.ssehub.tracing;

/** Makes a span of each publish, or makes none. Any thread may call. */
public interface Tracing extends AutoCloseable {
    /** Makes no spans. */
    Tracing NONE = new Tracing() {
        @Override
        public <X extends Throwable> String publish(Publish<X> publish) throws X {
            return publish.run(new PublishSpan());
        }

        @Override
        public void close() {}
    };

    /** Publishes an update, says so in the span, and returns the id of the event. */
    interface Publish<X extends Throwable> {
        String run(PublishSpan span) throws X;
    }

    /**
     * Publishes within a span, which belongs to the trace of the request if there is one. Lines of the log that are written meanwhile
     * belong to the span.
     */
    <X extends Throwable> String publish(Publish<X> publish) throws X;

    /** Sends what is left, but not for longer than a second. Closing again does nothing. */
    @Override
    void close();
}
