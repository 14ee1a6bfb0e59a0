/** Who the client of a request is and what it may do, and the names of the Mercure protocol. */
@NullMarked
package dev.ssehub.access;

import org.jspecify.annotations.NullMarked;
