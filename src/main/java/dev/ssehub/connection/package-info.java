/** A TCP connection from accept to close: its phases, its deadlines, and which connection is closed when they are scarce. */
@NullMarked
package dev.ssehub.connection;

import org.jspecify.annotations.NullMarked;
