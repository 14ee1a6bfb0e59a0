/** The hub on HTTP: the only room that knows Helidon's web server. */
@NullMarked
package dev.ssehub.http;

import org.jspecify.annotations.NullMarked;
