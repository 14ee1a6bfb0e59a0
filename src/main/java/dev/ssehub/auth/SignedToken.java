package dev.ssehub.auth;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;

/**
 * A token in the right form (RFC 7515, "JWS Compact Serialization"). Its signature is not checked yet. This class checks the form
 * more strictly than nimbus, and keeps the claims unchanged. Nimbus would round times to seconds, and would refuse a token because
 * of the type of a claim that the hub does not use.
 */
record SignedToken(JWSObject jws, Map<String, Object> claims) {
    private static final int MAX_LENGTH = 1 << 16;
    private static final int FINGERPRINT_BYTES = 16;
    private static final String SCHEME = "Bearer ";
    private static final Pattern COMPACT = Pattern.compile("([A-Za-z0-9_-]++)\\.([A-Za-z0-9_-]++)\\.([A-Za-z0-9_-]*+)");
    private static final Pattern ALGORITHM = Pattern.compile("[A-Za-z0-9-]{1,20}");

    static SignedToken of(String token) throws InvalidTokenException {
        if (token.length() > MAX_LENGTH) {
            throw new InvalidTokenException("the token has more than " + MAX_LENGTH + " characters");
        }
        if (token.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw new InvalidTokenException(
                    "the token begins with \"Bearer\"; leave this word out: the token begins after it");
        }
        Matcher parts = COMPACT.matcher(token);
        if (!parts.matches()) {
            throw new InvalidTokenException("this is not a token: a signed JWT is three parts of base64url, separated by dots");
        }
        Map<String, Object> header = json("header", parts.group(1));
        if (header.containsKey("crit") || header.containsKey("b64")) {
            throw new InvalidTokenException(
                    "the header of the token asks for something (crit, b64) that this hub does not support");
        }
        if (!(header.get("alg") instanceof String algorithm) || !ALGORITHM.matcher(algorithm).matches()) {
            throw new InvalidTokenException("the header of the token names no algorithm (alg)");
        }
        if (algorithm.equalsIgnoreCase("none") || parts.group(3).isEmpty()) {
            throw new InvalidTokenException("the token is not signed");
        }
        if (header.get("kid") != null && !(header.get("kid") instanceof String)) {
            throw new InvalidTokenException("the header of the token has a kid that is not a string");
        }
        Map<String, Object> claims = json("payload", parts.group(2));
        decoded("signature", parts.group(3));
        try {
            return new SignedToken(new JWSObject(new Base64URL(parts.group(1)), new Base64URL(parts.group(2)),
                    new Base64URL(parts.group(3))), claims);
        } catch (ParseException _) { // its message may show the token
            throw new InvalidTokenException("the header of the token has a parameter of the wrong type");
        }
    }

    /** Returns a digest of the signed part. It distinguishes the token from others and is not secret. */
    String fingerprint() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(jws.getSigningInput());
            return HexFormat.of().formatHex(digest, 0, FINGERPRINT_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static Map<String, Object> json(String part, String encoded) throws InvalidTokenException {
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(decoded(part, encoded))).toString();
            if (text.stripLeading().startsWith("{")) { // the parser also accepts a list of pairs and null
                return JSONObjectUtils.parse(text);
            }
        } catch (ParseException | CharacterCodingException _) { // their messages do not help the client
        }
        throw new InvalidTokenException("the " + part + " of the token is not a JSON object");
    }

    private static byte[] decoded(String part, String encoded) throws InvalidTokenException {
        try {
            return Base64.getUrlDecoder().decode(encoded);
        } catch (IllegalArgumentException _) {
            throw new InvalidTokenException("the " + part + " of the token is not base64url");
        }
    }

    /** Returns the fingerprint, not the token, which is secret. */
    @Override
    public String toString() {
        return "SignedToken[" + fingerprint() + "]";
    }
}
