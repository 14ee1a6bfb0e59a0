/** The log: one line for each record, as text or as JSON, without what clients repeat. */
@NullMarked
package dev.ssehub.logging;

import org.jspecify.annotations.NullMarked;
