package dev.ssehub.auth;

import java.time.Instant;
import java.util.Optional;

/**
 * What a valid token says.
 *
 * @param grant what it allows beyond what everyone may do
 * @param expires the moment from which it is not accepted any more, clock skew included; empty if it is valid for ever
 * @param subject whose it is ({@code sub}), if it says so
 * @param fingerprint tells it from others, and is no secret: a digest of what is signed
 */
public record Token(Grant grant, Optional<Instant> expires, Optional<String> subject, String fingerprint) {}
