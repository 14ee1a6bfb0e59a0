/**
 * Decides who may do what: an {@link dev.ssehub.auth.Authorizer} turns a token into a {@link dev.ssehub.auth.Grant}. A token is a JWT
 * (RFC 7519): {@link dev.ssehub.auth.SignedToken} checks its form, {@link dev.ssehub.auth.JwtAuthorizer} its signature, and
 * {@link dev.ssehub.auth.Claims} what it says. The keys come from {@link dev.ssehub.keys}.
 */
@NullMarked
package dev.ssehub.auth;

import org.jspecify.annotations.NullMarked;
