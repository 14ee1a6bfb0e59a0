/** The program: its command line, and the wiring, start and stop of the hub. */
@NullMarked
package dev.ssehub;

import org.jspecify.annotations.NullMarked;
