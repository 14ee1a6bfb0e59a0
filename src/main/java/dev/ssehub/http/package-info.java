/** What every request and answer needs, whatever it is for: forms, refusals, security headers, other origins. */
@NullMarked
package dev.ssehub.http;

import org.jspecify.annotations.NullMarked;
