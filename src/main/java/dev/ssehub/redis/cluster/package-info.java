/** What the nodes of a hub share, in Redis: the implementations of the ports in {@link dev.ssehub.cluster}. */
@NullMarked
package dev.ssehub.redis.cluster;

import org.jspecify.annotations.NullMarked;
