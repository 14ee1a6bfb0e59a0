package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

/** What a client library goes through: silence, events, a network that is cut, and the end of the hub. */
final class ClientScenario {
    static final String TARGET = "/sse?topic=chat&topic=/orders/%7Bid%7D";

    private final DistantHub hub;
    private final Collection<Client> clients;

    /** A subscriber to {@link #TARGET}. */
    interface Client {
        /** Returns {@code open}, {@code end}, or an event as {@code event <id> <type> <data as JSON>}, and waits for it. */
        String next() throws Exception;
    }

    private ClientScenario(DistantHub hub, Collection<Client> clients) {
        this.hub = hub;
        this.clients = clients;
    }

    /** Expects that each client receives the published events, each of them once, and nothing else. */
    static void run(DistantHub hub, Collection<Client> clients) throws Exception {
        new ClientScenario(hub, clients).run();
    }

    private void run() throws Exception {
        expect("open");
        hub.awaitHeartbeats(3);
        String first = hub.publish("topic", "chat", "data", "a\nb");
        expectEvent("event " + first + " message \"a\\nb\"");
        hub.publish("topic", "/orders/7", "type", "order", "id", "urn:order:7", "data", "");
        expectEvent("event urn:order:7 order \"\"");

        hub.awaitHeartbeats(3);
        hub.cut();
        hub.publish("topic", "other", "data", "for nobody");
        String missed = hub.publish("topic", "chat", "data", "{}");
        String last = hub.publish("topic", "chat", "data", "x");
        expect("end");
        hub.mend();
        expectEvent("event " + missed + " message \"{}\"");
        expectEvent("event " + last + " message \"x\"");

        hub.awaitHeartbeats(3);
        hub.stop();
        for (Client client : clients) {
            assertThat(client.next()).isEqualTo("end");
        }
    }

    private void expect(String line) throws Exception {
        for (Client client : clients) {
            assertThat(client.next()).isEqualTo(line);
        }
    }

    /** Expects an event, after any number of attempts to connect. */
    private void expectEvent(String event) throws Exception {
        for (Client client : clients) {
            String line = client.next();
            while (line.equals("open") || line.equals("end")) {
                line = client.next();
            }
            assertThat(line).isEqualTo(event);
        }
    }
}
