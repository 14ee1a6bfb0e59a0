/** Key material: PEM, secrets and sets of keys. */
@NullMarked
package dev.ssehub.keys;

import org.jspecify.annotations.NullMarked;
