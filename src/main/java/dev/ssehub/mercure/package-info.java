/**
 * The endpoint of the hub, which speaks the Mercure protocol: subscribe, renew a token, list the active
 * subscriptions. The other requests go to {@code dev.ssehub.publish}.
 *
 * <h2>Follow a subscriber, from its GET to the end of its stream</h2>
 * <ol>
 * <li>{@link dev.ssehub.mercure.MercureService} routes the GET to {@link dev.ssehub.mercure.SubscribeHandler#subscribe}.
 * <li>{@link dev.ssehub.access.Access} finds the token of the request and has it verified. The
 * {@link dev.ssehub.access.Access.Client} holds what everyone may do together with what the token grants.
 * <li>{@link dev.ssehub.http.Form} parses the query. The result is a {@link dev.ssehub.subscriber.Subscription}: selectors, last event
 * id, and the {@link dev.ssehub.subscriber.Permission} that the core enforces. Every error up to here is a
 * {@link dev.ssehub.http.Refusal}.
 * <li>{@link dev.ssehub.limit.Connections.Place} counts the stream. If the hub is full, the client is told when to return.
 * <li>{@link dev.ssehub.mercure.ActiveSubscriptions} shows the subscription to the other nodes, and
 * publishes that it is active.
 * <li>{@link dev.ssehub.stream.EventStream#open} registers the subscriber at the hub ({@link dev.ssehub.hub.Hub#subscribe}), writes the
 * headers and the first bytes, and throws the open stream to {@link dev.ssehub.connection.HubConnection}, whose thread waits in
 * {@link dev.ssehub.stream.EventStream#run} until the client disconnects or the hub ends the stream.
 * <li>Meanwhile, the threads of the {@link dev.ssehub.stream.Outlet} write the events, and a PUT with the name of the stream
 * ({@link dev.ssehub.mercure.NamedStreams}) gives it the permission of a fresh token.
 * <li>At the end, the stream unregisters ({@link dev.ssehub.hub.Hub#unsubscribe}), gives up its name, and its subscriptions are
 * published as inactive.
 * </ol>
 *
 * <p>The package {@code dev.ssehub.publish} describes the way of an event.
 */
@NullMarked
package dev.ssehub.mercure;

import org.jspecify.annotations.NullMarked;
