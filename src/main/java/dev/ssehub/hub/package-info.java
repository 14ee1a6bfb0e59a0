/**
 * The hub, which orders events and offers them to subscribers. Start here to read the core: the packages {@code topic},
 * {@code event}, {@code history}, {@code subscriber} and {@code hub}.
 *
 * <h2>Follow an event</h2>
 * <ol>
 * <li>A feed, or {@code PublishHandler} for a POST, creates an {@link dev.ssehub.event.Update}. Its frame is encoded here, once.
 * <li>{@link dev.ssehub.hub.Hub#publish} finds the templates that match its topics ({@link dev.ssehub.hub.SubscriberRegistry}),
 * on the publisher's thread and without a lock, and passes the update to the {@link dev.ssehub.hub.Transport}.
 * <li>The transport assigns an id and calls {@code Hub.deliver} for one update after another.
 * <li>{@code Hub.deliver} takes the hub's lock. The update becomes an {@link dev.ssehub.event.Event} with the next position,
 * enters the {@link dev.ssehub.history.History}, and is offered to each matching {@link dev.ssehub.subscriber.Subscriber}.
 * <li>{@code Subscriber.offer} puts the event into the mailbox. If the subscriber has no drainer, it requests one.
 * <li>A drainer ({@code stream.Drainers}) calls {@code Subscriber.drain}, which takes the waiting events as one {@code Batch} and
 * writes the batch. If the mailbox has overflowed, the batch comes from the history instead.
 * <li>{@code stream.FrameSink} writes the frames to the socket, as one HTTP chunk.
 * </ol>
 *
 * <h2>Words</h2>
 * <dl>
 * <dt>topic, selector, template
 * <dd>An event has topics. A selector selects one topic by its name, all topics ({@code *}), or those that a template matches.
 * <dt>update, event, frame
 * <dd>A publisher publishes an update. With a position and an id from the hub, it is an event. A frame is its bytes on the wire.
 * <dt>position, id, checkpoint
 * <dd>Positions number the events of this hub: 1, 2, 3. Clients see the id, which is the publisher's own id or the hub's id. The
 * hub's id is called a checkpoint, because it identifies the place after the event: a client can resume from it.
 * <dt>history, gap
 * <dd>The history holds the latest events. A gap is an event that tells a client which events it has missed for good.
 * <dt>mailbox, drainer
 * <dd>The mailbox holds the events that wait for one subscriber. A drainer is a thread that writes them.
 * <dt>live, catching up
 * <dd>A live subscriber receives events through its mailbox. A subscriber that is catching up reads the history until it is live.
 * <dt>heartbeat
 * <dd>A comment on an idle stream. It shows that the stream is alive, and can carry a checkpoint.
 * <dt>grant, permission
 * <dd>A grant is what the operator or a token allows. A permission is what the core enforces for one subscriber.
 * </dl>
 */
@NullMarked
package dev.ssehub.hub;

import org.jspecify.annotations.NullMarked;
