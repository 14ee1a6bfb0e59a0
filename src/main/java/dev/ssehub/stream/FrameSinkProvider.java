package dev.ssehub.stream;

import java.util.function.BiConsumer;

import io.helidon.common.GenericType;
import io.helidon.common.media.type.MediaType;
import io.helidon.http.sse.SseEvent;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http.spi.Sink;
import io.helidon.webserver.http.spi.SinkProvider;
import io.helidon.webserver.http.spi.SinkProviderContext;

/** How Helidon comes to a {@link FrameSink}: it loads this class as a service. */
@SuppressWarnings("TypeParameterUnusedInFormals") // Helidon's signatures
public final class FrameSinkProvider implements SinkProvider<SseEvent> {

    @Override
    public boolean supports(GenericType<? extends Sink<?>> type, ServerRequest request) {
        return FrameSink.TYPE.equals(type);
    }

    @Override
    @SuppressWarnings("unchecked") // the type was asked for in supports
    public <X extends Sink<SseEvent>> X create(SinkProviderContext context) {
        return (X) new FrameSink(context);
    }

    /** The way of Helidon before 4.1.2; nothing calls it while the other one is there. */
    @Override
    @SuppressWarnings("removal") // abstract until Helidon 5
    public <X extends Sink<SseEvent>> X create(ServerResponse response, BiConsumer<Object, MediaType> eventConsumer,
            Runnable closeRunnable) {
        throw new UnsupportedOperationException("a FrameSink needs the connection");
    }
}
