/**
 * Where events meet their subscribers: the lock and the order. This page is also the place to start reading the core, which is the
 * packages {@code topic}, {@code event}, {@code history}, {@code subscriber} and {@code hub}.
 *
 * <h2>Follow an event</h2>
 * <ol>
 * <li>A feed, or {@code PublishHandler} for a POST, creates an {@link dev.ssehub.event.Update}. Its frame is encoded here, once.
 * <li>{@link dev.ssehub.hub.Hub#publish} finds the templates that match its topics ({@link dev.ssehub.hub.SubscriberRegistry}), on the
 * publisher's thread and without a lock, and hands it to the {@link dev.ssehub.hub.Transport}.
 * <li>The transport assigns an id and calls {@code Hub.deliver} for one update after another.
 * <li>{@code Hub.deliver} takes the hub's lock. The update becomes an {@link dev.ssehub.event.Event} with the next position, enters the
 * {@link dev.ssehub.history.History}, and is offered to each matching {@link dev.ssehub.subscriber.Subscriber}.
 * <li>{@code Subscriber.offer} puts it into the mailbox. If nobody drains the mailbox, it asks for a drainer.
 * <li>A drainer ({@code stream.Drainers}) calls {@code Subscriber.drain}: it takes what waits as one {@code Batch} and writes it with one
 * write. If the mailbox has overflowed, the batch comes from the history instead.
 * <li>{@code stream.FrameSink} writes the frames to the socket, as one HTTP chunk.
 * </ol>
 *
 * <h2>Words</h2>
 * <dl>
 * <dt>topic, selector, template
 * <dd>An event has topics. A selector selects topics: one by its name, all of them ({@code *}), or those that a URI template matches.
 * <dt>update, event, frame
 * <dd>A publisher publishes an update. With an id and a position it is an event. Its bytes on the wire are a frame.
 * <dt>position, id, checkpoint
 * <dd>Positions count the events of this hub. The id is what clients see: the publisher's own id, or the hub's. The hub's id is also
 * called checkpoint, because it stands for the place after its event: a client can resume from it.
 * <dt>history, gap
 * <dd>The history holds the latest events. A gap is an event that tells a client which events it has missed for good.
 * <dt>mailbox, drainer
 * <dd>The mailbox holds the events that wait for one subscriber. A drainer is a thread that writes what waits.
 * <dt>live, catching up
 * <dd>A live subscriber gets events through its mailbox. A subscriber that catches up reads the history until it is live.
 * <dt>heartbeat
 * <dd>A comment on an idle stream. It shows that the stream is alive, and can carry a checkpoint.
 * <dt>grant, permission
 * <dd>A grant is what the operator or a token allows. A permission is what the hub enforces for one subscriber.
 * </dl>
 */
@NullMarked
package dev.ssehub.hub;

import org.jspecify.annotations.NullMarked;
