/**
 * The transport of several nodes: the events of all nodes are in one Redis Stream.
 *
 * <h2>Follow an event</h2>
 * <ol>
 * <li>{@link dev.ssehub.redis.stream.RedisTransport#publish} passes the update to the {@code StreamWriter}, and waits.
 * <li>The writer numbers all updates that are waiting, and sends them to Redis together. This is one exchange
 * (exchange.lua): Redis leaves out repetitions, gives each of the other updates its place, and adds it to the stream.
 * <li>The {@code StreamReader} of each node reads the stream, and passes the entries to its {@code Arrivals}.
 * <li>{@code Arrivals} passes the updates to the hub in their order. Then the publishers that wait on this node get
 * their answers.
 * </ol>
 *
 * <h2>Words</h2>
 * <dl>
 * <dt>place
 * <dd>The id of an entry as one number: milliseconds * 1024 + sequence / 1024. A place has 1024 positions
 * ({@link dev.ssehub.event.HubId}). The first one is the position of the entry. Each node uses the others for local
 * events: those that it publishes only for its own subscribers, between this entry and the next one.
 * <dt>number
 * <dd>Redis numbers the entries without gaps. If a number is missing between two entries, an entry was removed.
 * <dt>marker
 * <dd>An entry that is not an event. For example, it makes all nodes forget a topic at the same place in the order, or
 * tells them that events are lost.
 * </dl>
 */
@NullMarked
package dev.ssehub.redis.stream;

import org.jspecify.annotations.NullMarked;
