/** What all requests and answers have in common: forms, refusals, security headers, and pages of other origins. */
@NullMarked
package dev.ssehub.http;

import org.jspecify.annotations.NullMarked;
