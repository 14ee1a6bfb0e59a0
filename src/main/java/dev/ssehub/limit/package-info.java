/**
 * The limits on what each client, and all clients together, can take: connections, streams, memory, publish rate. Knows no web
 * server. Start with {@link dev.ssehub.limit.Connections}, which gives every connection its place; {@code Budget} is the counter
 * that most limits are built on.
 */
@NullMarked
package dev.ssehub.limit;

import org.jspecify.annotations.NullMarked;
