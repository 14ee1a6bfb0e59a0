package dev.ssehub.publish;

import module java.base;
import dev.ssehub.access.Access;
import dev.ssehub.auth.Token;
import dev.ssehub.connection.HubConnection;
import dev.ssehub.connection.MalformedBodyException;
import dev.ssehub.connection.UnreadBodyException;
import dev.ssehub.event.Update;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.limit.BodyBudgets;
import dev.ssehub.limit.ClientAddress;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;
import dev.ssehub.thread.Turns;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Publishes the events of a body that is an event stream, each one when it is complete. Any thread may call. */
final class StreamHandler {
    private static final int PIECE = 8 * 1024;
    private static final int NONE = -1;
    /** How often the rights of a publisher are checked again. */
    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** A publisher that is too fast waits in steps, so that its connection does not look idle. */
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    private final Publish publish;
    private final Supplier<Access> current;
    private final Publishers publishers;
    private final UpdateRules rules;
    private final LimitSettings limits;
    private final BodyBudgets bodies;
    private final HubMetrics metrics;
    private final OpenBodies open;

    /** Publishes an update, and returns the id of its event. */
    interface Publish {
        String publish(Update update, Access.Client client) throws Refusal;
    }

    StreamHandler(Publish publish, Supplier<Access> current, Publishers publishers, UpdateRules rules, LimitSettings limits,
            BodyBudgets bodies, HubMetrics metrics, OpenBodies open) {
        this.publish = publish;
        this.current = current;
        this.publishers = publishers;
        this.rules = rules;
        this.limits = limits;
        this.bodies = bodies;
        this.metrics = metrics;
        this.open = open;
    }

    /**
     * Publishes until the body ends, and answers with the number of events and the last id. The published events stay. After a refusal,
     * the connection is closed, because the publisher may send events for hours.
     */
    void publish(ServerRequest request, ServerResponse response) {
        Optional<Body> body = Optional.empty();
        try {
            body = Optional.of(body(request));
            open.read(body.get());
        } catch (Refusal e) {
            refuse(e, body, request, response);
        } catch (HubClosedException e) {
            refuse(new Refusal(Status.SERVICE_UNAVAILABLE_503, String.valueOf(e.getMessage())), body, request, response);
        } finally {
            body.ifPresent(read -> read.memory.close());
        }
        response.headers().set(Refusal.TEXT);
        response.send(body.map(Body::published).orElse(""));
    }

    private Body body(ServerRequest request) throws Refusal {
        PublishBody.requireUncompressed(request);
        ClientAddress address = Publishers.address(request);
        Access.Client client = publishers.client(request, address);
        Form query = query(request);
        Publishers.requireGrant(client, query.all("topic"));
        return new Body(request, client, address, fields(query), query.has("end"));
    }

    private void refuse(Refusal refusal, Optional<Body> body, ServerRequest request, ServerResponse response) {
        refusal.limit().ifPresent(metrics::reached);
        response.header(HeaderValues.CONNECTION_CLOSE);
        body.map(read -> refusal.after(read.published())).orElse(refusal).send(request, response);
        throw new UnreadBodyException("the publisher may still send events");
    }

    private Form query(ServerRequest request) throws Refusal {
        try {
            Form query = Form.parse(request.query().rawValue());
            for (String name : List.of("data", "type", "id", "retry")) {
                if (query.has(name)) {
                    throw new IllegalArgumentException(
                            "the field " + name + " belongs to the events of the body, not to the query");
                }
            }
            rules.update(query.with(Map.of("data", ""))); // refuses wrong topics before the first event
            return query;
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest(e);
        }
    }

    /** Returns the fields that all events have. */
    private static Form fields(Form query) {
        Form fields = Form.of(Map.of("topic", query.all("topic")));
        return query.has("private") ? fields.with(Map.of("private", "")) : fields;
    }

    /** Carries a refusal out of the parser. */
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient Refusal refusal;

        Refused(Refusal refusal) {
            super(refusal);
            this.refusal = refusal;
        }
    }

    /** One body. For the thread of its connection. */
    private final class Body implements OpenBodies.Body {
        private final ServerRequest request;
        private final ClientAddress address;
        private final Form common;
        private final boolean ends;
        private final BodyBudgets.Body memory;
        private Access.Client client;
        private long checked = publishers.nanoTime();
        private int events;
        /** The number of events before the one that has begun to arrive; {@link #NONE} between two events. */
        private int begun = NONE;
        private String lastId = "";
        /** The id that the publisher has given to the last event; empty if it has given none. */
        private String ownId = "";

        /**
         * @param common the fields that all events have
         * @param ends whether the end of the body ends the topics
         */
        Body(ServerRequest request, Access.Client client, ClientAddress address, Form common, boolean ends) {
            this.request = request;
            this.client = client;
            this.address = address;
            this.common = common;
            this.ends = ends;
            this.memory = bodies.of(address, client.token().isPresent());
        }

        String published() {
            return "events: " + events + "\n" + (events == 0 ? "" : "last-id: " + lastId + "\n");
        }

        @Override
        public void read() throws Refusal {
            EventStreamParser parser = new EventStreamParser(limits.maxPublishSize(), this::publish);
            byte[] piece = new byte[PIECE];
            InputStream in = request.content().inputStream(); // closing it would read the body to its end
            try {
                HubConnection.extend(limits.publishIdleTimeout());
                for (int length = in.read(piece); length > 0; length = in.read(piece)) {
                    parser.take(piece, length);
                    limitTime(parser.size() > 0);
                    memory.close();
                    if (!memory.take(parser.size())) {
                        throw PublishBody.noMemory();
                    }
                }
                parser.end();
                if (ends) {
                    publish(endOfTopics());
                }
            } catch (Refused e) {
                throw e.refusal;
            } catch (LimitExceededException e) {
                throw e.limit() == Limit.PUBLISH_SIZE
                        ? new Refusal(Status.REQUEST_ENTITY_TOO_LARGE_413, String.valueOf(e.getMessage()), e.limit())
                        : Refusal.badRequest(e);
            } catch (IllegalArgumentException e) {
                throw Refusal.badRequest(e);
            } catch (MalformedBodyException e) {
                throw new Refusal(Status.BAD_REQUEST_400, e.sentence());
            } catch (IOException | UncheckedIOException | DataReader.InsufficientDataAvailableException e) {
                throw new CloseConnectionException("the publisher disconnected before the end of its request", e);
            }
        }

        /**
         * Returns the update that ends the topics. If the last event has an id of its publisher, so has the end, so that a publisher can
         * send the body again.
         */
        private Update endOfTopics() {
            String id = ownId + "/end";
            Form end = common.with(Map.of("type", "end", "end", ""));
            return rules.update(ownId.isEmpty() || id.length() > limits.maxNameLength() ? end : end.with(Map.of("id", id)));
        }

        /** An event must be complete in time, like a request of its own. Otherwise, a slow publisher could keep its memory for ever. */
        private void limitTime(boolean isInEvent) {
            if (!isInEvent) {
                HubConnection.extend(limits.publishIdleTimeout());
            } else if (begun != events) {
                HubConnection.extend(limits.requestTimeout());
            }
            begun = isInEvent ? events : NONE;
        }

        private void publish(Map<String, String> fields) {
            publish(rules.update(common.with(fields)));
            ownId = fields.getOrDefault("id", "");
        }

        private void publish(Update update) {
            try {
                awaitRate();
                lastId = publish.publish(update, recheckedClient());
                events++;
            } catch (Refusal e) {
                throw new Refused(e);
            } catch (HistoryUnavailableException | HubClosedException e) {
                throw new Refused(new Refusal(Status.SERVICE_UNAVAILABLE_503, String.valueOf(e.getMessage())));
            }
        }

        /** A token can expire or be revoked before the body ends, and the rights of everyone can change. */
        private Access.Client recheckedClient() throws Refusal {
            boolean hasExpired = client.token().flatMap(Token::expires).map(end -> !Instant.now().isBefore(end)).orElse(false);
            if (hasExpired || publishers.nanoTime() - checked > CHECK_NANOS) {
                client = current.get().publisher(request);
                checked = publishers.nanoTime();
            }
            return client;
        }

        /** A publisher that is too fast is slowed down, because it cannot read an answer before the body ends. */
        private void awaitRate() {
            for (Duration wait = publishers.take(client, address); wait.isPositive(); wait = publishers.take(client, address)) {
                Duration pause = wait.compareTo(LONGEST_PAUSE) < 0 ? wait : LONGEST_PAUSE;
                Turns.withoutTurn(() -> LockSupport.parkNanos(pause.toNanos()));
                if (Thread.currentThread().isInterrupted()) {
                    throw new CloseConnectionException(
                            "the hub stops, or closes the connection, while the publisher is slowed down");
                }
                HubConnection.extend(limits.publishIdleTimeout());
            }
        }
    }
}
