/** One subscription: whether it is live or catching up, and what leaves in one write. */
@NullMarked
package dev.ssehub.subscriber;

import org.jspecify.annotations.NullMarked;
