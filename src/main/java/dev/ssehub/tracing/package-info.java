/** What a request belongs to beyond this hub (W3C Trace Context), and the spans that the hub makes of publishes. */
@NullMarked
package dev.ssehub.tracing;

import org.jspecify.annotations.NullMarked;
