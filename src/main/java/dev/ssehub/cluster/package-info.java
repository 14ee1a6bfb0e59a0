/** What the nodes of a hub know of each other and do together, apart from the events that the transport carries. */
@NullMarked
package dev.ssehub.cluster;

import org.jspecify.annotations.NullMarked;
