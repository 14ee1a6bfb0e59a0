/**
 * A TCP connection from accept to close. Start with {@link dev.ssehub.connection.HubConnection}, which serves requests until a
 * request opens a stream. {@code RequestPhase} sets a {@code Deadline} for each step of a request, and
 * {@link dev.ssehub.connection.ConnectionWatch} closes connections that miss their deadline or must make room for others. While a
 * thread works on a request, it has a turn ({@link dev.ssehub.thread.Turns}).
 */
@NullMarked
package dev.ssehub.connection;

import org.jspecify.annotations.NullMarked;
