/**
 * Publishing by HTTP: forms, JSON, and event streams; and forgetting the past of topics.
 *
 * <h2>Follow an event, from its POST to the hub</h2>
 * <ol>
 * <li>{@code MercureService} routes the POST to {@link dev.ssehub.publish.PublishHandler#publish}, which checks type and size.
 * <li>{@link dev.ssehub.publish.Publishers} identifies the client and limits how often it publishes.
 * <li>The body is read as far as {@link dev.ssehub.limit.BodyBudgets} has memory for it. {@link dev.ssehub.http.Form} or
 * {@code JsonBody} turns it into updates ({@link dev.ssehub.event.Update}), whose frames are encoded at this point. If the body is an event
 * stream, {@code StreamHandler} creates the update of each event as soon as the event is complete.
 * <li>The client must be allowed to publish to every topic of each update, and none may be among the
 * {@link dev.ssehub.access.ReservedTopics}.
 * <li>{@link dev.ssehub.hub.Hub#publishForClient} takes over. The package {@code dev.ssehub.hub} describes the rest of the way.
 * </ol>
 */
@NullMarked
package dev.ssehub.publish;

import org.jspecify.annotations.NullMarked;
