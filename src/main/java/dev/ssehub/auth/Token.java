package dev.ssehub.auth;

import module java.base;

/**
 * What a valid token says.
 *
 * @param grant what it allows in addition to what all clients may do
 * @param expires the time from which it is not accepted any more, clock skew included; empty if it never expires
 * @param subject the client that it was issued for ({@code sub}), if it names one
 * @param fingerprint distinguishes the token from others without being secret: a digest of what is signed
 * @param keyThumbprint the {@linkplain dev.ssehub.keys.VerifyingKey#thumbprint thumbprint} of the key that verified it
 */
public record Token(Grant grant, Optional<Instant> expires, Optional<String> subject, String fingerprint, String keyThumbprint) {}
