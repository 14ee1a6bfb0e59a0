package dev.ssehub.mercure;

import module java.base;
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
import org.jspecify.annotations.Nullable;

/** Publishes updates, for all endpoints of a hub. Any thread may call. */
final class PublishHandler {
    // the names that other programs use, and mistakes; the type is called event in an event stream
    /** Mistakes for {@code topic}. Mercure 1.0 subscribes by {@code match} and by names that begin with it. */
    static final Pattern LIKE_TOPIC = Pattern.compile("topics?|channels?|match.*");
    private static final Pattern LIKE_DATA = Pattern.compile("(data|message|payload|body|content|text)s?");
    private static final Pattern LIKE_TYPE = Pattern.compile("events?");
    private static final Pattern LIKE_PRIVATE = Pattern.compile("private");
    private static final Pattern RETRY = Pattern.compile("[0-9]{1,18}");

    private final Hub hub;
    private final Publishers publishers;
    private final LimitSettings limits;
    private final PublishBody body;
    private final BodyBudgets bodies;
    private final HubMetrics metrics;
    private final Tracing tracing;

    PublishHandler(Hub hub, Publishers publishers, LimitSettings limits, HubMetrics metrics, Tracing tracing) {
        this.hub = hub;
        this.publishers = publishers;
        this.limits = limits;
        this.metrics = metrics;
        this.tracing = tracing;
        this.body = new PublishBody(limits.maxPublishSize());
        this.bodies = new BodyBudgets(limits.maxPendingSize(), limits.maxPublishSize() + 1);
    }

    /** Publishes an update and answers with the id of its event. */
    void publish(ServerRequest request, ServerResponse response) throws Refusal {
        long start = System.nanoTime();
        body.check(request);
        ClientAddress address = Publishers.address(request);
        Access.Client client = publishers.client(request, address);
        client.requirePublish(); // before the body takes memory
        String id = tracing.publish(span -> {
            try (BodyBudgets.Body memory = bodies.of(address, client.token().isPresent())) {
                return publish(parse(body.read(request, response, memory)), client, span);
            } catch (Refusal e) {
                span.refused(e.status().code());
                throw e;
            } catch (CloseConnectionException e) {
                span.brokenOff();
                throw e;
            }
        });
        response.headers().contentType(Refusal.TEXT);
        response.send(id);
        metrics.publishAnswered(System.nanoTime() - start);
    }

    private String publish(Update update, Access.Client client, PublishSpan span) throws Refusal {
        if (!update.isPrivate()) {
            span.topic(update.topics().getFirst());
        }
        requireAllowed(client, update);
        try {
            return hub.publishForClient(update, span::subscribers);
        } catch (LimitExceededException e) {
            throw new Refusal(Status.SERVICE_UNAVAILABLE_503, String.valueOf(e.getMessage()), e.limit());
        }
    }

    /** Returns the update that a form describes (Mercure, "Publication"). */
    private Update parse(byte[] form) throws Refusal {
        try {
            return update(Form.parse(form));
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest(e);
        }
    }

    private Update update(Form form) {
        form.refuseLookalikes("topic", LIKE_TOPIC, "topic");
        form.refuseLookalikes("data", LIKE_DATA, "data");
        form.refuseLookalikes("data", LIKE_TYPE, "type"); // with data, it is one of the fields that Mercure ignores
        form.refuseLookalikes("private", LIKE_PRIVATE, "private");
        List<String> topics = form.all("topic");
        if (topics.isEmpty()) {
            throw new IllegalArgumentException("the field topic is missing: an event needs at least one topic");
        }
        if (!form.has("data") && topics.stream().anyMatch(topic -> topic.contains(";data="))) {
            throw new IllegalArgumentException("the fields must be separated by &, not by ;");
        }
        topics.forEach(topic -> requireShort("topic", topic, limits.maxNameLength()));
        String data = Objects.requireNonNullElse(form.single("data"), "");
        String type = requireShort("type", form.single("type"), limits.maxNameLength());
        String id = requireShort("id", form.single("id"), limits.maxNameLength());
        return new Update(topics, data, type, id, retryMillis(form.single("retry")), form.has("private"));
    }

    /** A publisher could send all readers of a topic away, so the time is limited. */
    private @Nullable Long retryMillis(@Nullable String retry) {
        if (retry == null) {
            return null;
        }
        if (!RETRY.matcher(retry).matches()) {
            throw new IllegalArgumentException("the field retry must be a number of milliseconds");
        }
        long max = limits.maxRetry().toMillis();
        if (Long.parseLong(retry) > max) {
            throw new IllegalArgumentException("the field retry may be up to " + max
                    + " milliseconds (sse-hub.publish.max-retry), not " + retry);
        }
        return Long.valueOf(retry);
    }

    /** Returns the given value if it is not longer than a name may be. */
    static @Nullable String requireShort(String field, @Nullable String value, int maxNameLength) {
        if (value != null && value.length() > maxNameLength) {
            throw new LimitExceededException(Limit.NAME_LENGTH, "the " + field + " may have up to " + maxNameLength
                    + " characters, this one has " + value.length());
        }
        return value;
    }

    private void requireAllowed(Access.Client client, Update update) throws Refusal {
        long maxSize = 2L * limits.maxPublishSize();
        if (update.size() > maxSize) {
            throw new Refusal(Status.REQUEST_ENTITY_TOO_LARGE_413, "an event may have up to " + maxSize
                    + " bytes; with a field name before each line, this one has " + update.size(), Limit.PUBLISH_SIZE);
        }
        Publishers.requireGrant(client, update.topics());
    }
}
