/** Built-in sources of events. They publish like anyone else. */
@NullMarked
package dev.ssehub.feed;

import org.jspecify.annotations.NullMarked;
