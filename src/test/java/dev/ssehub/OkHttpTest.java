package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;
import org.junit.jupiter.api.Test;

/** The client of okhttp-sse, which leaves reconnecting to its user. */
class OkHttpTest extends DistantHubTest {
    @Test
    void losesNoEvent() throws Exception {
        String id;
        try (OkHttp client = new OkHttp(null)) {
            assertThat(client.next()).isEqualTo("open null");
            id = hub.publish("topic", "chat", "data", " a\n\nb ");
            assertThat(client.next()).isEqualTo("event " + id + " null  a\n\nb ");
            hub.publish("topic", "/orders/7", "type", "order", "id", "urn:order:7", "data", "x");
            assertThat(client.next()).isEqualTo("event urn:order:7 order x");
            hub.cut();
            assertThat(client.next()).isEqualTo("failure");
            hub.mend();
        }
        hub.publish("topic", "chat", "data", "away");
        for (String lastEventId : List.of(id, "urn:order:7")) {
            try (OkHttp client = new OkHttp(lastEventId)) {
                assertThat(client.next()).isEqualTo("open " + lastEventId);
                if (lastEventId.equals(id)) {
                    assertThat(client.next()).isEqualTo("event urn:order:7 order x");
                }
                assertThat(client.next()).endsWith(" null away");
            }
        }
        try (OkHttp client = new OkHttp("urn:unknown")) {
            assertThat(client.next()).isEqualTo("open earliest");
            assertThat(client.next()).startsWith("event 1").contains(" gap {\"requested\":\"urn:unknown\",\"oldest\":\"");
            assertThat(client.next()).isEqualTo("event " + id + " null  a\n\nb ");
        }
    }

    /** Records the callbacks of okhttp-sse as text. */
    private final class OkHttp extends EventSourceListener implements AutoCloseable {
        private final BlockingQueue<String> callbacks = new LinkedBlockingQueue<>();
        private final OkHttpClient client = new OkHttpClient.Builder().readTimeout(Duration.ZERO).build();
        private final EventSource source;

        OkHttp(String lastEventId) {
            Request.Builder request = new Request.Builder().url(hub.url(ClientScenario.TARGET));
            if (lastEventId != null) {
                request.header("Last-Event-ID", lastEventId);
            }
            source = EventSources.createFactory(client).newEventSource(request.build(), this);
        }

        String next() throws InterruptedException {
            return callbacks.poll(20, TimeUnit.SECONDS);
        }

        @Override
        public void onOpen(EventSource source, Response response) {
            callbacks.add("open " + response.header("Last-Event-ID"));
        }

        @Override
        public void onEvent(EventSource source, String id, String type, String data) {
            callbacks.add("event " + id + " " + type + " " + data);
        }

        @Override
        public void onFailure(EventSource source, Throwable failure, Response response) {
            callbacks.add("failure");
        }

        @Override
        public void close() {
            source.cancel();
            client.dispatcher().executorService().shutdown();
            client.connectionPool().evictAll();
        }
    }
}
