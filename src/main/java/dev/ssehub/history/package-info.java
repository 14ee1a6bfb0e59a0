/** The history: the latest events, limited by number, age and bytes. */
@NullMarked
package dev.ssehub.history;

import org.jspecify.annotations.NullMarked;
