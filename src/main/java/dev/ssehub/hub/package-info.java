/**
 * The core: events, their subscribers, and the one place where they meet. It imports the JDK (and JSpecify) only.
 */
@NullMarked
package dev.ssehub.hub;

import org.jspecify.annotations.NullMarked;
