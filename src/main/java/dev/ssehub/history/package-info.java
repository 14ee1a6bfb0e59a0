/** The past, bounded by count, age and bytes. */
@NullMarked
package dev.ssehub.history;

import org.jspecify.annotations.NullMarked;
