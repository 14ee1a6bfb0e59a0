/**
 * The limits for each client and for all clients together: connections, streams, memory, publish rate. Independent of the web
 * server. Start with {@link dev.ssehub.limit.Connections}, which counts every connection. Most limits use a {@code Budget}.
 */
@NullMarked
package dev.ssehub.limit;

import org.jspecify.annotations.NullMarked;
