/** Topics, and the selectors that match them: exact names, URI templates (RFC 6570), and {@code *}. */
@NullMarked
package dev.ssehub.topic;

import org.jspecify.annotations.NullMarked;
