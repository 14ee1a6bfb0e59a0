/** Who may do what. */
@NullMarked
package dev.ssehub.auth;

import org.jspecify.annotations.NullMarked;
