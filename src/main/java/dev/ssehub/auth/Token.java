package dev.ssehub.auth;

import module java.base;

/**
 * What a valid token says.
 *
 * @param grant what the token allows in addition to what all clients may do
 * @param expires the time from which the token is no longer accepted, including the clock skew; empty if the token never expires
 * @param subject the client that the token was issued for ({@code sub}), if the token names one
 * @param fingerprint a digest of the signed part, which distinguishes the token from others and is not secret
 * @param keyThumbprint the {@linkplain dev.ssehub.keys.VerifyingKey#thumbprint thumbprint} of the key that verified the token
 */
public record Token(Grant grant, Optional<Instant> expires, Optional<String> subject, String fingerprint, String keyThumbprint) {}
