/**
 * The past of the hub: what every history does ({@link dev.ssehub.history.History}), what it gives up and when
 * ({@link dev.ssehub.history.Retention}), and how a subscriber reads it.
 */
@NullMarked
package dev.ssehub.history;

import org.jspecify.annotations.NullMarked;
