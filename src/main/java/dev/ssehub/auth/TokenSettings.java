package dev.ssehub.auth;

import module java.base;
import dev.ssehub.keys.KeySettings;

/**
 * What the operator can set about tokens.
 *
 * @param publisher the keys that the tokens of publishers are signed with
 * @param subscriber the keys that the tokens of subscribers are signed with
 * @param issuer the issuer that a token must name ({@code iss}), if the issuer is checked
 * @param audience the audience that a token must name ({@code aud}), if the audience is checked
 * @param clockSkew how far the clock of the issuer may be ahead of the hub's clock
 */
public record TokenSettings(KeySettings publisher, KeySettings subscriber, Optional<String> issuer, Optional<String> audience,
        Duration clockSkew) {}
