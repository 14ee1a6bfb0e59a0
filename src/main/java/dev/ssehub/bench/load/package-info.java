/** The load generator's sockets and parsers. */
@NullMarked
package dev.ssehub.bench.load;

import org.jspecify.annotations.NullMarked;
