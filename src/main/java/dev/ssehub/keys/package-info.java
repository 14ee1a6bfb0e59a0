/**
 * Key material: the public keys and secrets that tokens are checked with, and PEM files in general.
 *
 * <p>
 * {@link dev.ssehub.keys.KeySource} is where the keys for tokens come from: one key, or a set of keys (RFC 7517) in a file or at a
 * URL, which is read again and again; {@link dev.ssehub.keys.KeySettings} opens them. {@link dev.ssehub.keys.Pem}
 * reads certificates and keys. This package knows neither tokens nor TLS, and uses no other package of the hub but {@code thread}.
 */
@NullMarked
package dev.ssehub.keys;

import org.jspecify.annotations.NullMarked;
