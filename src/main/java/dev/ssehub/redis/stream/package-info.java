/**
 * The transport of several nodes: the events of all nodes are in one Redis Stream.
 *
 * <h2>Follow an event</h2>
 * <ol>
 * <li>{@link dev.ssehub.redis.stream.RedisTransport#publish} gives the update a number and passes it to the {@code StreamWriter}.
 * <li>The writer sends all updates that wait in one exchange (exchange.lua): Redis decides which are repetitions, gives the others
 * their places, and adds them to the stream.
 * <li>The {@code StreamReader} of each node reads the stream, and passes what it finds to its {@code Arrivals}.
 * <li>{@code Arrivals} passes the updates to the hub in their order, and lets the publishers on this node have their answers.
 * </ol>
 *
 * <h2>Words</h2>
 * <dl>
 * <dt>place
 * <dd>The place of an entry is the number of its id in the order of all ids. A place stands for 1024 positions: that of the entry, and
 * those of the events that each node publishes for itself before the next entry.
 * <dt>number
 * <dd>Redis numbers the entries without gaps, so that a node notices when entries are missing that it has not read.
 * <dt>marker
 * <dd>An entry that is no event: all nodes forget a topic, or learn that events are lost, at the same place of the order.
 * </dl>
 */
@NullMarked
package dev.ssehub.redis.stream;

import org.jspecify.annotations.NullMarked;
