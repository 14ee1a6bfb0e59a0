package dev.ssehub.publish;

import module java.base;
import dev.ssehub.access.Access;
import dev.ssehub.access.Mercure;
import dev.ssehub.event.Update;
import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;
import dev.ssehub.topic.Names;
import dev.ssehub.topic.TopicSelector;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Forgets the past of topics, for all endpoints of a hub. Any thread may call. */
public record ForgetHandler(Hub hub, Publishers publishers, LimitSettings limits) {
    /** Forgets the topics that the query names, for a client that may publish to them. Blocks until their events are gone. */
    public void forget(ServerRequest request, ServerResponse response) throws Refusal {
        Access.Client client = publishers.client(request, Publishers.address(request));
        client.requirePublish();
        List<String> topics = topics(request);
        Publishers.requireGrant(client, topics);
        if (hub.isClosed()) {
            throw new HubClosedException();
        }
        topics.forEach(hub::forget);
        response.status(Status.NO_CONTENT_204).send();
    }

    private List<String> topics(ServerRequest request) throws Refusal {
        try {
            Form query = Form.parse(request.query().rawValue());
            List<String> topics = Mercure.topics(query).stream().distinct().toList();
            if (topics.isEmpty()) {
                throw new IllegalArgumentException("the query needs the topics whose past to forget: ?topic=NAME, "
                        + "repeated for several topics");
            }
            if (topics.size() > Update.MAX_TOPICS) {
                throw new LimitExceededException(Limit.TOPICS,
                        "a request may forget up to " + Update.MAX_TOPICS + " topics, this one names " + topics.size());
            }
            topics.forEach(this::requireExact);
            return topics;
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest(e);
        }
    }

    /** The client would believe that all topics that a template matches are forgotten. */
    private void requireExact(String topic) {
        Names.requireShort("topic", topic, limits.maxNameLength());
        if (!(TopicSelector.parse(topic) instanceof TopicSelector.Exact)) {
            throw new IllegalArgumentException("the topic " + Refusal.printable(topic)
                    + " is not the name of one topic: a template or * cannot be forgotten, only topics by their names");
        }
    }
}
