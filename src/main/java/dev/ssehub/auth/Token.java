package dev.ssehub.auth;

import module java.base;

/**
 * What a valid token says.
 *
 * @param grant what the token allows in addition to what all clients may do
 * @param expires the time from which the token is no longer accepted; empty if the token never expires
 * @param subject the client that the token was issued for ({@code sub}), if the token names one
 * @param payload what the active subscriptions show of the client ({@code mercure.payload}), as JSON, if the token has it
 * @param fingerprint a digest of the signed part, which distinguishes the token from others and is not secret
 * @param keyId the name of the key that verified the token ({@code kid}), if the key has one
 * @param keyThumbprint the {@linkplain dev.ssehub.keys.VerifyingKey#thumbprint thumbprint} of the key that verified the token
 */
public record Token(Grant grant, Optional<Instant> expires, Optional<String> subject, Optional<String> payload,
        String fingerprint, Optional<String> keyId, String keyThumbprint) {}
