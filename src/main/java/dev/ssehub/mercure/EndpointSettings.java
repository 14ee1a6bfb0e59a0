package dev.ssehub.mercure;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import dev.ssehub.topic.TopicSelector;

/**
 * The settings of the hub's endpoint.
 *
 * @param path the path of the endpoint
 * @param defaultTopics the topics of a subscriber that names none
 * @param retry the time that clients are told to wait before they reconnect
 * @param listsSubscriptions whether active subscriptions are listed, and published when they begin and end
 * @param allowedOrigins the other origins whose pages can use the hub, each as browsers send it; or {@code *} alone
 * @param tokenInQuery whether a token is accepted in the query
 */
public record EndpointSettings(String path, List<TopicSelector> defaultTopics, Duration retry, boolean listsSubscriptions,
        Set<String> allowedOrigins, boolean tokenInQuery) {}
