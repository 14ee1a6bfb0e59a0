package dev.ssehub.publish;

import module java.base;
import dev.ssehub.access.Access;
import dev.ssehub.event.Update;
import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.Hub;
import dev.ssehub.limit.BodyBudgets;
import dev.ssehub.limit.ClientAddress;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;
import dev.ssehub.tracing.PublishSpan;
import dev.ssehub.tracing.Tracing;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Publishes updates, for all endpoints of a hub. Any thread may call. */
public final class PublishHandler {
    /** The most events of one request. */
    static final int MAX_BATCH = 1_000;

    private final Hub hub;
    private final Publishers publishers;
    private final UpdateRules rules;
    private final int maxEventSize;
    private final PublishBody body;
    private final BodyBudgets bodies;
    private final HubMetrics metrics;
    private final Tracing tracing;
    private final StreamHandler streams;

    /**
     * @param current returns the access by the settings that apply now, for bodies that last longer than these settings
     * @param open the event streams that are being read
     */
    public PublishHandler(Hub hub, Publishers publishers, LimitSettings limits, HubMetrics metrics, Tracing tracing,
            Supplier<Access> current, OpenBodies open) {
        this.hub = hub;
        this.publishers = publishers;
        this.rules = new UpdateRules(limits);
        this.maxEventSize = 2 * limits.maxPublishSize();
        this.metrics = metrics;
        this.tracing = tracing;
        this.body = new PublishBody(limits.maxPublishSize());
        this.bodies = new BodyBudgets(limits.maxPendingSize(), limits.maxPublishSize() + 1);
        this.streams = new StreamHandler(this::publishOne, current, publishers, rules, limits, bodies, metrics, open);
    }

    /** Publishes the updates of a request, all of them together or none, and answers with the ids of their events, one a line. */
    public void publish(ServerRequest request, ServerResponse response) throws Refusal {
        long start = System.nanoTime();
        BodyType type = BodyType.of(request);
        if (type == BodyType.EVENT_STREAM) {
            streams.publish(request, response);
            return;
        }
        body.check(request);
        ClientAddress address = Publishers.address(request);
        Access.Client client = publishers.client(request, address);
        client.requirePublish(); // before the body takes memory
        String ids = traced(span -> {
            try (BodyBudgets.Body memory = bodies.of(address, client.token().isPresent())) {
                List<Update> updates = parse(type, body.read(request, response, memory));
                if (updates.size() > 1) {
                    publishers.countFurther(client, address, updates.size() - 1);
                }
                return publishAll(updates, client, span);
            }
        });
        response.headers().set(Refusal.TEXT);
        response.send(ids);
        metrics.publishAnswered(System.nanoTime() - start);
    }

    /** Publishes an update of a stream. */
    private String publishOne(Update update, Access.Client client) throws Refusal {
        return traced(span -> publishAll(List.of(update), client, span));
    }

    private String traced(Tracing.Publish<Refusal> work) throws Refusal {
        return tracing.publish(span -> {
            try {
                return work.run(span);
            } catch (Refusal e) {
                span.refused(e.status().code());
                throw e;
            } catch (CloseConnectionException e) {
                span.brokenOff();
                throw e;
            }
        });
    }

    private List<Update> parse(BodyType type, byte[] bytes) throws Refusal {
        try {
            return switch (type) {
                case FORM -> List.of(rules.update(Form.parse(bytes)));
                case JSON -> JsonBody.parse(bytes, MAX_BATCH, rules::update);
                case JSON_LINES -> JsonBody.parseLines(bytes, MAX_BATCH, rules::update);
                case EVENT_STREAM -> throw new IllegalStateException("a stream is not read as a whole");
            };
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest(e);
        }
    }

    private String publishAll(List<Update> updates, Access.Client client, PublishSpan span) throws Refusal {
        Update first = updates.getFirst();
        if (!first.isPrivate()) {
            span.topic(first.topics().getFirst());
        }
        for (int i = 0; i < updates.size(); i++) {
            try {
                requireAllowed(client, updates.get(i));
            } catch (Refusal e) {
                throw e.at(JsonBody.place(i, updates.size()));
            }
        }
        try {
            return String.join("\n", hub.publishForClient(updates, span::subscribers));
        } catch (LimitExceededException e) {
            throw new Refusal(Status.SERVICE_UNAVAILABLE_503, String.valueOf(e.getMessage()), e.limit());
        }
    }

    private void requireAllowed(Access.Client client, Update update) throws Refusal {
        if (update.size() > maxEventSize) {
            throw new Refusal(Status.REQUEST_ENTITY_TOO_LARGE_413, "an event may have up to " + maxEventSize
                    + " bytes; with a field name before each line, this one has " + update.size(), Limit.PUBLISH_SIZE);
        }
        Publishers.requireGrant(client, update.topics());
    }
}
