/** The history in memory. */
@NullMarked
package dev.ssehub.history.memory;

import org.jspecify.annotations.NullMarked;
