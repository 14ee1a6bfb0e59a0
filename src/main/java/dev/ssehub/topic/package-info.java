/** Topics and the selectors that match them (RFC 6570 backwards). */
@NullMarked
package dev.ssehub.topic;

import org.jspecify.annotations.NullMarked;
