/** The built-in sources of events. They publish like any other publisher. */
@NullMarked
package dev.ssehub.feed;

import org.jspecify.annotations.NullMarked;
