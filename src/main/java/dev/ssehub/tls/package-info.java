/**
 * The certificate and the private key of the server: {@link dev.ssehub.tls.TlsContext} reads and checks the two files,
 * {@link dev.ssehub.tls.TlsReload} has the server use them when they are renewed, and {@link dev.ssehub.tls.PinnedTrust} lets the
 * health check trust this certificate. PEM itself is read by {@link dev.ssehub.keys.Pem}.
 */
@NullMarked
package dev.ssehub.tls;

import org.jspecify.annotations.NullMarked;
