/**
 * A TCP connection from accept to close. Start with {@link dev.ssehub.connection.HubConnection}, which serves requests until one of
 * them opens a stream. {@code RequestPhase} follows each request and sets the {@code Deadline} of its steps, and
 * {@link dev.ssehub.connection.ConnectionWatch} ends the connections that miss theirs, or that must make room for others.
 */
@NullMarked
package dev.ssehub.connection;

import org.jspecify.annotations.NullMarked;
