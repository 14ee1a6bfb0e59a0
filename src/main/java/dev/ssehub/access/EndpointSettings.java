package dev.ssehub.access;

import module java.base;
import dev.ssehub.topic.TopicSelector;

/**
 * The settings of the hub's endpoint.
 *
 * @param path the path of the endpoint
 * @param defaultTopics the topics of a subscriber that names none
 * @param retry the time that a client waits before it reconnects
 * @param listsSubscriptions whether active subscriptions are listed, and published when they start and end
 * @param allowedOrigins the other origins whose pages may use the hub, as browsers send them; or {@code *} alone
 * @param tokenInQuery whether a token is accepted in the query
 */
public record EndpointSettings(String path, List<TopicSelector> defaultTopics, Duration retry, boolean listsSubscriptions,
        Set<String> allowedOrigins, boolean tokenInQuery) {}
