/** The program: its configuration, its command line, and how the rooms are wired. */
@NullMarked
package dev.ssehub;

import org.jspecify.annotations.NullMarked;
