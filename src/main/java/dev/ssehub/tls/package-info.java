/**
 * The certificate and the private key of the server: {@link dev.ssehub.tls.TlsContext} reads and checks the two files,
 * {@link dev.ssehub.tls.TlsReload} gives them to the server when they are renewed, and {@link dev.ssehub.tls.PinnedTrust} makes the
 * health check trust this certificate. {@link dev.ssehub.keys.Pem} reads the PEM format.
 */
@NullMarked
package dev.ssehub.tls;

import org.jspecify.annotations.NullMarked;
