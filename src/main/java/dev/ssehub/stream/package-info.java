/** The answer that stays open: event frames on their way to the socket. */
@NullMarked
package dev.ssehub.stream;

import org.jspecify.annotations.NullMarked;
