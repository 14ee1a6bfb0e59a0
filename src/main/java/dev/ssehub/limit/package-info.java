/** How much each client, and all clients together, can take. Knows no web server. */
@NullMarked
package dev.ssehub.limit;

import org.jspecify.annotations.NullMarked;
