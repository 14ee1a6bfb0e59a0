package dev.ssehub.stream;

import module java.base;
import io.helidon.common.GenericType;
import io.helidon.common.media.type.MediaType;
import io.helidon.http.sse.SseEvent;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http.spi.Sink;
import io.helidon.webserver.http.spi.SinkProvider;
import io.helidon.webserver.http.spi.SinkProviderContext;

/** Creates {@link FrameSink}s. Helidon loads this class as a service. */
@SuppressWarnings("TypeParameterUnusedInFormals") // Helidon's signatures
public final class FrameSinkProvider implements SinkProvider<SseEvent> {
    @Override
    public boolean supports(GenericType<? extends Sink<?>> type, ServerRequest request) {
        return FrameSink.TYPE.equals(type);
    }

    @Override
    @SuppressWarnings("unchecked") // supports() has checked the type
    public <X extends Sink<SseEvent>> X create(SinkProviderContext context) {
        return (X) new FrameSink(context);
    }

    /** Not called: Helidon 4.1.2 and later call the other method. */
    @Override
    @SuppressWarnings("removal") // abstract until Helidon 5
    public <X extends Sink<SseEvent>> X create(ServerResponse response, BiConsumer<Object, MediaType> eventConsumer,
            Runnable closeRunnable) {
        throw new UnsupportedOperationException("a FrameSink needs the connection");
    }
}
