/**
 * The hub's own threads, and the turns of the threads that serve clients. Every package may use this package; it uses no other
 * package of the hub.
 */
@NullMarked
package dev.ssehub.thread;

import org.jspecify.annotations.NullMarked;
