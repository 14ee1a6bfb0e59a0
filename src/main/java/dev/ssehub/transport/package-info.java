/** The implementations of {@link dev.ssehub.hub.Transport}. */
@NullMarked
package dev.ssehub.transport;

import org.jspecify.annotations.NullMarked;
