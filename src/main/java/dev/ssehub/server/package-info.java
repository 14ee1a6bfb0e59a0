/** One listening server: which route, filter and limit stands where. */
@NullMarked
package dev.ssehub.server;

import org.jspecify.annotations.NullMarked;
