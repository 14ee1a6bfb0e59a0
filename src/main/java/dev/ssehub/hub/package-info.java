/**
 * The hub, which orders events and offers them to subscribers. Start here to read the core: the packages {@code topic},
 * {@code event}, {@code history}, {@code subscriber} and {@code hub}.
 *
 * <h2>Follow an event</h2>
 * <ol>
 * <li>A feed, or {@code PublishHandler} for a POST, creates an {@link dev.ssehub.event.Update}. Its frame is encoded here, once.
 * <li>{@link dev.ssehub.hub.Hub#publish}, or {@code publishForClient} for a POST, finds the templates that match its topics
 * ({@link dev.ssehub.hub.SubscriberRegistry}), on the publisher's thread and without a lock, and passes the update to the
 * {@link dev.ssehub.hub.Transport}.
 * <li>The transport assigns the next positions and passes the updates to the hub, which appends them to the
 * {@link dev.ssehub.history.History}, each as an {@link dev.ssehub.history.Addition}.
 * <li>When the history has the {@link dev.ssehub.event.Event}, it completes the addition: under the hub's lock, the event is offered
 * to each matching {@link dev.ssehub.subscriber.Subscriber}. Then the publisher gets the id.
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
 * <dd>Positions put the events of this hub in order. They increase, but not by one, and follow the clock. Clients see the id, which is the
 * publisher's own id or the hub's id. The hub's id is called a checkpoint, because it identifies the place after the event: a
 * client can resume from it.
 * <dt>history, past, rule
 * <dd>The history holds events, in memory or in a file, with an index by topic. The past of a topic is its part of the history. The
 * first rule that matches a topic limits its past.
 * <dt>gap
 * <dd>A gap is an event that tells a client that events of its topics may be missing for good.
 * <dt>mailbox, drainer
 * <dd>The mailbox holds the events that wait for one subscriber. A drainer is a thread that writes them.
 * <dt>live, catching up
 * <dd>A live subscriber receives events through its mailbox. A subscriber that is catching up reads the history of its topics, in
 * batches and without the hub's lock, until it is live.
 * <dt>heartbeat
 * <dd>A comment on an idle stream. It shows that the stream is alive, and can carry a checkpoint.
 * <dt>grant, permission
 * <dd>A grant is what the operator or a token allows. A permission is what the core enforces for one subscriber.
 * </dl>
 */
@NullMarked
package dev.ssehub.hub;

import org.jspecify.annotations.NullMarked;
