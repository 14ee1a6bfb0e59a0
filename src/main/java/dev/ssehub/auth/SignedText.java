package dev.ssehub.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.nimbusds.jose.util.JSONObjectUtils;

/**
 * A token as it comes (RFC 7515, "JWS Compact Serialization"). Of its header only the algorithm and the name of the key are
 * looked at; keys and addresses of keys in it ({@code jwk}, {@code jku}, {@code x5u}, {@code x5c}) are not even read.
 *
 * @param algorithm what it says that it is signed with
 * @param keyId which key it names, if it does
 * @param signed what the signature is of
 * @param claims not to be believed before it is checked
 * @param signature the signature
 */
@SuppressWarnings("ArrayRecordComponent") // it is never compared
record SignedText(String algorithm, Optional<String> keyId, byte[] signed, Map<String, Object> claims, byte[] signature) {

    private static final int MAX_LENGTH = 1 << 16;
    private static final int FINGERPRINT_BYTES = 16;
    private static final String SCHEME = "Bearer ";
    private static final Pattern COMPACT = Pattern.compile("(([A-Za-z0-9_-]++)\\.([A-Za-z0-9_-]++))\\.([A-Za-z0-9_-]*+)");
    private static final Pattern ALGORITHM = Pattern.compile("[A-Za-z0-9-]{1,20}");

    static SignedText parse(String token) throws InvalidTokenException {
        if (token.length() > MAX_LENGTH) {
            throw new InvalidTokenException("the token has more than " + MAX_LENGTH + " characters");
        }
        if (token.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw new InvalidTokenException("what was sent as a token begins with \"Bearer\"; leave that out here: the token is "
                    + "what follows it");
        }
        Matcher parts = COMPACT.matcher(token);
        if (!parts.matches()) {
            throw new InvalidTokenException(
                    "what was sent as a token is none: a signed JWT is three parts of base64url with dots "
                            + "between them");
        }
        Map<String, Object> header = json("header", parts.group(2));
        if (header.containsKey("crit") || header.containsKey("b64")) {
            throw new InvalidTokenException("the header of the token asks for something (crit, b64) that this hub does not know");
        }
        if (!(header.get("alg") instanceof String algorithm) || !ALGORITHM.matcher(algorithm).matches()) {
            throw new InvalidTokenException("the header of the token names no algorithm (alg)");
        }
        if (algorithm.equalsIgnoreCase("none") || parts.group(4).isEmpty()) {
            throw new InvalidTokenException("the token is not signed");
        }
        Object keyId = header.get("kid");
        if (keyId != null && !(keyId instanceof String)) {
            throw new InvalidTokenException("the header of the token has a kid that is not a text");
        }
        return new SignedText(algorithm, Optional.ofNullable((String) keyId), parts.group(1).getBytes(US_ASCII),
                json("payload", parts.group(3)), decoded("signature", parts.group(4)));
    }

    /** @throws InvalidTokenException if none of the keys has signed this */
    void requireSignedWith(List<VerifyingKey> keys) throws InvalidTokenException {
        if (keys.isEmpty()) {
            throw new InvalidTokenException("the token is signed with a key that this hub does not know");
        }
        List<VerifyingKey> candidates = keys.stream().filter(key -> key.algorithm().getName().equals(algorithm)).toList();
        if (candidates.isEmpty()) {
            throw new InvalidTokenException("the token is signed with " + algorithm + "; this hub takes "
                    + VerifyingKey.names(keys.stream().map(VerifyingKey::algorithm).toList()));
        }
        for (VerifyingKey key : candidates) {
            if (key.verifies(signed, signature)) {
                return;
            }
        }
        throw new InvalidTokenException("the signature of the token is not valid, or made with another key");
    }

    /** Tells it from others, and is no secret. */
    String fingerprint() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(signed);
            return HexFormat.of().formatHex(Arrays.copyOf(digest, FINGERPRINT_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    private static Map<String, Object> json(String part, String encoded) throws InvalidTokenException {
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(decoded(part, encoded))).toString();
            if (text.stripLeading().startsWith("{")) { // the parser would take a list of pairs, too, and null
                return JSONObjectUtils.parse(text);
            }
        } catch (ParseException | CharacterCodingException _) { // their messages are of no use to whoever sent it
        }
        throw new InvalidTokenException("the " + part + " of the token is not a JSON object");
    }

    private static byte[] decoded(String part, String encoded) throws InvalidTokenException {
        try {
            return Base64.getUrlDecoder().decode(encoded);
        } catch (IllegalArgumentException e) {
            throw new InvalidTokenException("the " + part + " of the token is not base64url");
        }
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "SignedText[" + algorithm + ", " + fingerprint() + "]";
    }
}
