/** Updates, the events that they become, and the encoding of events as frames. */
@NullMarked
package dev.ssehub.event;

import org.jspecify.annotations.NullMarked;
