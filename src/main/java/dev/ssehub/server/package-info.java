/** The listening server, assembled: its filters, routes, limits and page. */
@NullMarked
package dev.ssehub.server;

import org.jspecify.annotations.NullMarked;
