/** Updates, events and frames. */
@NullMarked
package dev.ssehub.event;

import org.jspecify.annotations.NullMarked;
