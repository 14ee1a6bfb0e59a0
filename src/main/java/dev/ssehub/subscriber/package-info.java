/** One subscription: its permission, the events that wait for it, and the frames of the next write. */
@NullMarked
package dev.ssehub.subscriber;

import org.jspecify.annotations.NullMarked;
