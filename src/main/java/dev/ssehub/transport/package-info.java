/** The ways between publish and deliver. */
@NullMarked
package dev.ssehub.transport;

import org.jspecify.annotations.NullMarked;
