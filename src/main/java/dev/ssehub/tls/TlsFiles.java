package dev.ssehub.tls;

import java.nio.file.Path;

/**
 * The PEM files that the server needs to speak TLS.
 *
 * @param certificate the server's certificate, followed by its intermediate certificates
 * @param privateKey the unencrypted private key of the server's certificate
 */
public record TlsFiles(Path certificate, Path privateKey) {}
