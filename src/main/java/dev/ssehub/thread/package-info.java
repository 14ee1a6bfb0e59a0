/** How the hub runs its own threads. Any room can use it; it uses no other room. */
@NullMarked
package dev.ssehub.thread;

import org.jspecify.annotations.NullMarked;
