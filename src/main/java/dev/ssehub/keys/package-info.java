/**
 * Key material. A {@link dev.ssehub.keys.KeySource} has the keys that tokens are checked with: one key, or a set of keys (RFC 7517) in
 * a file or at a URL. {@link dev.ssehub.keys.KeySettings} opens it. {@link dev.ssehub.keys.Pem} reads certificates and private keys.
 */
@NullMarked
package dev.ssehub.keys;

import org.jspecify.annotations.NullMarked;
