/** The server's certificate and key, and their renewal. */
@NullMarked
package dev.ssehub.tls;

import org.jspecify.annotations.NullMarked;
