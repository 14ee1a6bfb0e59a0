/** The hub's own threads. Every package may use this package; it uses no other package of the hub. */
@NullMarked
package dev.ssehub.thread;

import org.jspecify.annotations.NullMarked;
