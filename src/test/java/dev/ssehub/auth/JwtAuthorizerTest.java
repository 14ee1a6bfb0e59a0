package dev.ssehub.auth;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import dev.ssehub.topic.TopicSelector;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tokens are accepted, and what they grant. The keys: {@code KeySourceTest}, {@code JwksTest}. */
class JwtAuthorizerTest {
    private static final JwtAuthorizer AUTHORIZER = Keys.authorizer(Keys.key(Keys.SECRET));
    private static final String FULL = "{\"sub\":\"me\",\"exp\":1800000100,"
            + "\"mercure\":{\"publish\":[\"a\"],\"subscribe\":[\"*\",\"/b{/c}\"]}}";

    private static String refusal(JwtAuthorizer authorizer, String token) {
        try {
            authorizer.publisher(token);
        } catch (InvalidTokenException e) {
            return String.valueOf(e.getMessage());
        } catch (KeysUnavailableException e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("accepted: " + token);
    }

    private static String refusal(String payload) throws Exception {
        return refusal(AUTHORIZER, Keys.token(payload));
    }

    static Stream<JWSAlgorithm> algorithms() {
        return Stream
                .of("HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
                        "EdDSA")
                .map(JWSAlgorithm::parse);
    }

    private static JWK key(JWSAlgorithm algorithm) {
        return switch (algorithm.getName().substring(0, 2)) {
            case "HS" -> Keys.HMAC;
            case "Ed" -> Keys.ed25519();
            case "ES" -> Keys.ec(Curve.forJWSAlgorithm(algorithm).iterator().next());
            default -> Keys.RSA;
        };
    }

    private static String text(JWK key) throws Exception {
        return switch (key) {
            case OctetSequenceKey secret -> new String(secret.toByteArray(), UTF_8);
            case RSAKey rsa -> Keys.pem(rsa.toPublicKey());
            case OctetKeyPair ed25519 -> Keys.pem(Keys.publicKey(ed25519));
            default -> Keys.pem(key.toECKey().toPublicKey());
        };
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void onlyTheConfiguredAlgorithmIsAccepted(JWSAlgorithm algorithm) throws Exception {
        JWK key = key(algorithm);
        JwtAuthorizer authorizer = Keys.authorizer(Keys.key(algorithm.getName(), text(key)));

        assertThat(authorizer.publisher(Keys.token(algorithm, key)).grant().mayPublish("a")).isTrue();
        for (JWSAlgorithm other : algorithms().filter(it -> !it.equals(algorithm)).toList()) {
            assertThat(refusal(authorizer, Keys.token(other, key(other))))
                    .isEqualTo("the token is signed with " + other + "; this hub accepts " + algorithm);
        }
        JWK stranger = algorithm.getName().startsWith("HS")
                ? new OctetSequenceKey.Builder(new byte[64]).build()
                : algorithm.getName().startsWith("E") ? key(algorithm) : Keys.rsa(2048);
        assertThat(refusal(authorizer, Keys.token(algorithm, stranger)))
                .isEqualTo("the signature of the token is not valid, or made with another key");
    }

    /** RFC 9864 gives EdDSA with such a key the name Ed25519. */
    @Test
    void anEd25519KeyHasTwoNamesOfOneAlgorithm() throws Exception {
        OctetKeyPair key = Keys.ed25519();
        for (String configured : List.of("EdDSA", "Ed25519")) {
            JwtAuthorizer authorizer = Keys.authorizer(Keys.key(configured, text(key)));
            for (JWSAlgorithm named : List.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519)) {
                assertThat(authorizer.publisher(Keys.token(named, key)).grant().mayPublish("a")).isTrue();
            }
            assertThat(refusal(authorizer, Keys.sign("{\"alg\":\"Ed448\"}", FULL, key)))
                    .isEqualTo("the token is signed with Ed448; this hub accepts EdDSA");
        }
    }

    /** RFC 8032, 5.1.7: 64 bytes, and S is less than the order of the group. */
    @Test
    void anEd25519SignatureHasOneForm() throws Exception {
        OctetKeyPair key = Keys.ed25519();
        JwtAuthorizer authorizer = Keys.authorizer(Keys.key(text(key)));
        String token = Keys.sign("{\"alg\":\"EdDSA\"}", FULL, key);
        assertThat(authorizer.publisher(token).subject()).contains("me");
        String signed = token.substring(0, token.lastIndexOf('.') + 1);
        byte[] signature = Base64.getUrlDecoder().decode(token.substring(signed.length()));
        byte[] another = signature.clone();
        BigInteger order = BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
        byte[] s = reversed(new BigInteger(1, reversed(Arrays.copyOfRange(signature, 32, 64))).add(order).toByteArray());
        System.arraycopy(s, 0, another, 32, Math.min(32, s.length));
        byte[] changed = signature.clone();
        changed[5] ^= 1;
        for (byte[] wrong : List.of(another, changed, Arrays.copyOf(signature, 63), Arrays.copyOf(signature, 65),
                Arrays.copyOf(signature, 128), new byte[64], new byte[1])) {
            assertThat(refusal(authorizer, signed + Base64.getUrlEncoder().withoutPadding().encodeToString(wrong)))
                    .isEqualTo("the signature of the token is not valid, or made with another key");
        }
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    /** The key of RFC 8037, A.1, and its token of A.4. */
    @Test
    void theSignatureOfTheStandardsExampleIsValid() throws Exception {
        String jwk = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";
        JwtAuthorizer authorizer = Keys.authorizer(Keys.key(text(OctetKeyPair.parse(jwk))));
        String token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4"
                + "iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        assertThat(refusal(authorizer, token)).as("it holds a sentence, no claims")
                .isEqualTo("the payload of the token is not a JSON object");
    }

    /** Requests are counted by the fingerprint: a second valid signature of a token must not reset its count. */
    @Test
    void theFingerprintDoesNotDependOnTheSignature() throws Exception {
        JwtAuthorizer authorizer = Keys.authorizer(Keys.key("PS256", text(Keys.RSA)));
        String token = Keys.token(JWSAlgorithm.PS256, Keys.RSA);
        String again = Keys.token(JWSAlgorithm.PS256, Keys.RSA);

        assertThat(again).isNotEqualTo(token);
        assertThat(authorizer.publisher(again)).isEqualTo(authorizer.publisher(token));
        assertThat(AUTHORIZER.publisher(Keys.token("{\"x\":1}")).fingerprint())
                .isNotEqualTo(AUTHORIZER.publisher(Keys.token("{\"x\":2}")).fingerprint());
    }

    @Test
    void aTokenGrantsWhatItsClaimsSay() throws Exception {
        Token token = AUTHORIZER.subscriber(Keys.token(FULL));

        List<TopicSelector> subscribe = List.of(TopicSelector.parse("*"), TopicSelector.parse("/b{/c}"));
        assertThat(token.grant()).isEqualTo(new Grant(List.of(TopicSelector.parse("a")), subscribe, subscribe));
        assertThat(token.subject()).contains("me");
        assertThat(token.expires()).contains(Instant.ofEpochSecond(1_800_000_100));
        assertThat(token.fingerprint()).matches("[0-9a-f]{32}").isEqualTo(AUTHORIZER.publisher(Keys.token(FULL)).fingerprint())
                .isNotEqualTo(AUTHORIZER.publisher(Keys.token(FULL.replace("me", "you"))).fingerprint());
        assertThat(AUTHORIZER.takesTokens()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"mercure\":{}}", "{\"mercure\":null}", "{\"mercure\":{\"publish\":[],\"subscribe\":null}}"})
    void aTokenMayGrantNothing(String payload) throws Exception {
        assertThat(AUTHORIZER.publisher(Keys.token(payload)))
                .extracting(Token::grant, Token::expires, Token::subject)
                .containsExactly(Grant.NONE, Optional.empty(), Optional.empty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
            "{\"mercure\":[]} | the claim mercure of the token is not an object",
            "{\"mercure\":\"*\"} | the claim mercure of the token is not an object",
            "{\"mercure\":true} | the claim mercure of the token is not an object",
            "{\"mercure\":{\"publish\":[[\"*\"]]}} | the claim mercure.publish of the token contains something that is not a string",
            "{\"exp\":null} | the claim exp of the token is not a number of seconds",
            "{\"nbf\":null} | the claim nbf of the token is not a number of seconds",
            "{\"exp\":1e400} | the payload of the token is not a JSON object",
            "{\"exp\":[1900000000]} | the claim exp of the token is not a number of seconds",
            "{\"mercure\":{},\"mercure\":{\"publish\":[\"*\"]}} | the payload of the token is not a JSON object",
            "{\"sse-hub\":true} | the claim sse-hub of the token is not an object",
            "{\"sse-hub\":{\"operate\":\"true\"}} | the claim sse-hub.operate of the token is not true or false",
            "{\"mercure\":{\"publish\":\"a\"}} | the claim mercure.publish of the token is not a list",
            "{\"mercure\":{\"subscribe\":{}}} | the claim mercure.subscribe of the token is not a list",
            "{\"mercure\":{\"publish\":[1]}} | the claim mercure.publish of the token contains something that is not a string",
            "{\"mercure\":{\"publish\":[null]}} | the claim mercure.publish of the token contains something that is not a string",
            "{\"sub\":1} | the claim sub of the token is not a string",
            "{\"exp\":\"1900000000\"} | the claim exp of the token is not a number of seconds",
            "{\"nbf\":true} | the claim nbf of the token is not a number of seconds",
            "{\"exp\":{}} | the claim exp of the token is not a number of seconds",
            "[] | the payload of the token is not a JSON object",
            "[[\"exp\",1]] | the payload of the token is not a JSON object",
            "null | the payload of the token is not a JSON object",
            "{\"exp\":1,\"exp\":1900000000} | the payload of the token is not a JSON object",
            "{\"exp\":NaN} | the payload of the token is not a JSON object",
            "{'exp':1} | the payload of the token is not a JSON object",
            "{} {} | the payload of the token is not a JSON object"})
    void claimsOfTheWrongKindAreRefused(String payload, String sentence) throws Exception {
        assertThat(refusal(payload)).isEqualTo(sentence);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\\u0000", "a\\nb",
            "{a}{b}{c}{d}{e}{f}{g}{h}{i}{j}{k}{l}{m}{n}{o}{p}{q}{r}{s}{t}{u}{v}{w}{x}{y}{z}"})
    void selectorsThatAreNotAllowedAreRefused(String selector) throws Exception {
        assertThat(refusal("{\"mercure\":{\"subscribe\":[\"a\",\"" + selector + "\"]}}"))
                .startsWith("the claim mercure.subscribe of the token contains a selector that is not allowed: ");
    }

    /** The clock of the hub is at NOW, 1800000000; 5 seconds of skew are allowed, but a token that has expired is not. */
    @ParameterizedTest
    @CsvSource({"exp, 1800000001, true", "exp, 1800000000.001, true", "exp, 1800000000, false", "exp, 1799999999.9999, false",
            "exp, 1799999996, false", "exp, 0, false", "exp, -9223372036854775808, false", "exp, 253402300799, true",
            "exp, 1.8e9, false", "exp, 1.8000000005e9, true", "nbf, 1800000005, true", "nbf, 1800000005.001, false",
            "nbf, 1800000006, false", "nbf, 0, true",
            "nbf, 253402300799, false", "nbf, -1e300, true"})
    void timesAreExact(String claim, String time, boolean valid) throws Exception {
        String payload = "{\"" + claim + "\":" + time + "}";
        if (valid) {
            Token token = AUTHORIZER.publisher(Keys.token(payload));
            assertThat(token.expires().orElse(Instant.MAX)).isAfter(Keys.NOW);
        } else {
            assertThat(refusal(payload)).isEqualTo(claim.equals("exp") ? "the token has expired" : "the token is not valid yet");
        }
    }

    @Test
    void aTokenIsRefusedFromTheMomentItExpires() throws Exception {
        String token = Keys.token("{\"exp\":1800000100}");
        Instant expires = AUTHORIZER.publisher(token).expires().orElseThrow();
        TokenSettings settings = Keys.settings(Keys.key(Keys.SECRET));

        assertThat(Keys.authorizer(settings, expires.minusNanos(1)).publisher(token).expires()).contains(expires);
        assertThat(refusal(Keys.authorizer(settings, expires), token)).isEqualTo("the token has expired");
    }

    /** Rounded up to a millisecond, the token would be valid for too long. */
    @ParameterizedTest
    @CsvSource({"1800000100.0004, 100000400", "1800000100.9999, 100999900", "1800000100.5, 100500000",
            "1800000100.999999, 100999999", "18000001009e-1, 100900000"})
    void aTokenMayExpireBetweenTwoSeconds(String time, long micros) throws Exception {
        assertThat(AUTHORIZER.publisher(Keys.token("{\"exp\":" + time + "}")).expires())
                .contains(Keys.NOW.plus(micros, ChronoUnit.MICROS));
    }

    /** JavaScript counts time in milliseconds. */
    @ParameterizedTest
    @ValueSource(strings = {"1800000100000", "253402300800", "9223372036854775807", "1e300"})
    void timesInMillisecondsAreRefused(String time) throws Exception {
        for (String claim : List.of("exp", "nbf")) {
            assertThat(refusal("{\"" + claim + "\":" + time + "}"))
                    .isEqualTo("the claim " + claim + " of the token is a time after "
                            + "the year 9999; it must be in seconds since 1970, not in milliseconds");
        }
    }

    @Test
    void aTimeFarInTheFutureFitsIntoNanoseconds() throws Exception {
        Instant expires = AUTHORIZER.publisher(Keys.token("{\"exp\":253402300799}")).expires().orElseThrow();
        assertThat(Duration.between(Keys.NOW, expires).toNanos()).isGreaterThan(Duration.ofDays(365 * 100).toNanos());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {"{\"iss\":\"i\",\"aud\":\"a\"} | ",
            "{\"iss\":\"i\",\"aud\":[\"b\",\"a\"]} | ",
            "{\"aud\":\"a\"} | the token is not from the issuer (iss) that this hub trusts",
            "{\"iss\":\"I\",\"aud\":\"a\"} | the token is not from the issuer (iss) that this hub trusts",
            "{\"iss\":[\"i\"],\"aud\":\"a\"} | the token is not from the issuer (iss) that this hub trusts",
            "{\"iss\":\"i\"} | the token is not meant for this hub (aud)",
            "{\"iss\":\"i\",\"aud\":\"ab\"} | the token is not meant for this hub (aud)",
            "{\"iss\":\"i\",\"aud\":[\"b\",\"ab\"]} | the token is not meant for this hub (aud)",
            "{\"iss\":\"i\",\"aud\":[]} | the token is not meant for this hub (aud)",
            "{\"iss\":\"i\",\"aud\":{\"a\":1}} | the token is not meant for this hub (aud)"})
    void issuerAndAudienceAreCheckedIfTheyAreConfigured(String payload, String sentence) throws Exception {
        JwtAuthorizer authorizer = Keys.authorizer(new TokenSettings(Keys.key(Keys.SECRET), Keys.key(Keys.SECRET),
                Optional.of("i"), Optional.of("a"), Keys.SKEW), Keys.NOW);
        String token = Keys.token(payload);
        if (sentence == null) {
            assertThat(authorizer.publisher(token).grant()).isEqualTo(Grant.NONE);
        } else {
            assertThat(refusal(authorizer, token)).isEqualTo(sentence);
        }
        assertThat(AUTHORIZER.publisher(token).grant()).isEqualTo(Grant.NONE);
    }

    @Test
    void publishersAndSubscribersMayHaveDifferentKeys() throws Exception {
        JwtAuthorizer authorizer = Keys
                .authorizer(new TokenSettings(Keys.key(Keys.SECRET), Keys.key(Keys.pem(Keys.RSA.toPublicKey())),
                        Optional.empty(), Optional.empty(), Keys.SKEW), Keys.NOW);
        String publisher = Keys.token(JWSAlgorithm.HS256, Keys.HMAC);
        String subscriber = Keys.token(JWSAlgorithm.RS256, Keys.RSA);

        assertThat(authorizer.publisher(publisher).grant()).isEqualTo(authorizer.subscriber(subscriber).grant());
        assertThat(refusal(authorizer, subscriber)).contains("RS256");
        assertThatExceptionOfType(InvalidTokenException.class).isThrownBy(() -> authorizer.subscriber(publisher));
    }

    @Test
    void aPublicKeyIsNotAcceptedAsASecret() throws Exception {
        String pem = Keys.pem(Keys.RSA.toPublicKey());
        JwtAuthorizer authorizer = Keys.authorizer(Keys.key(pem));

        for (String secret : List.of(pem, pem.strip(), pem.replace("\n", ""), pem.replace("\n", "\r\n"))) {
            String forged = Keys.token(JWSAlgorithm.HS256, new OctetSequenceKey.Builder(secret.getBytes(UTF_8)).build());
            assertThat(refusal(authorizer, forged)).isEqualTo("the token is signed with HS256; this hub accepts RS256");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "None", "NONE", "nOnE"})
    void aTokenThatIsNotSignedIsRefused(String none) throws Exception {
        String unsigned = Keys.encode("{\"alg\":\"" + none + "\"}") + "." + Keys.encode(FULL) + ".";
        String signature = Keys.token(FULL).replaceFirst(".*\\.", "");

        assertThat(refusal(AUTHORIZER, unsigned)).isEqualTo("the token is not signed");
        assertThat(refusal(AUTHORIZER, unsigned + signature)).isEqualTo("the token is not signed");
        assertThat(refusal(AUTHORIZER, unsigned.substring(0, unsigned.length() - 1)))
                .startsWith("this is not a token");
        assertThat(refusal(AUTHORIZER, Keys.token(FULL).replace(signature, ""))).isEqualTo("the token is not signed");
    }

    /** Its own key, or where that is said to be; nobody listens there, and no one asks. */
    @Test
    void aTokenCannotBringItsKey() throws Exception {
        RSAKey stranger = Keys.rsa(2048);
        JwtAuthorizer authorizer = Keys.authorizer(Keys.key(Keys.pem(Keys.RSA.toPublicKey())));
        String header = "{\"alg\":\"RS256\",\"jku\":\"http://127.0.0.1:1/\",\"x5u\":\"http://127.0.0.1:1/\",\"jwk\":"
                + stranger.toPublicJWK().toJSONString() + "}";

        assertThat(refusal(authorizer, Keys.sign(header, FULL, stranger)))
                .isEqualTo("the signature of the token is not valid, or made with another key");
        assertThat(authorizer.publisher(Keys.sign(header, FULL, Keys.RSA)).subject()).contains("me");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
            "{\"alg\":\"HS256\",\"crit\":[\"exp\"]} | the header of the token asks for something (crit, b64) that this hub does not support",
            "{\"alg\":\"HS256\",\"b64\":false} | the header of the token asks for something (crit, b64) that this hub does not support",
            "{\"alg\":\"HS256\",\"crit\":null} | the header of the token asks for something (crit, b64) that this hub does not support",
            "{\"alg\":\"HS256\",\"crit\":[]} | the header of the token asks for something (crit, b64) that this hub does not support",
            "{\"alg\":\"HS256\",\"b64\":true} | the header of the token asks for something (crit, b64) that this hub does not support",
            "{\"alg\":\"HS256\",\"alg\":\"HS256\"} | the header of the token is not a JSON object",
            "{\"alg\":\"HS256\",\"kid\":[\"a\"]} | the header of the token has a kid that is not a string",
            "{\"alg\":\"HS256\",\"kid\":1} | the header of the token has a kid that is not a string"})
    void unsupportedHeadersAreRefused(String header, String sentence) throws Exception {
        assertThat(refusal(AUTHORIZER, Keys.sign(header, FULL, Keys.HMAC))).isEqualTo(sentence);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hs256", "Hs256", "HS256K", "dir", "ES256", "RSA-OAEP"})
    void theNameOfAnAlgorithmIsCaseSensitive(String algorithm) throws Exception {
        String[] parts = Keys.token(FULL).split("\\.");
        assertThat(refusal(AUTHORIZER, Keys.encode("{\"alg\":\"" + algorithm + "\"}") + "." + parts[1] + "." + parts[2]))
                .isEqualTo("the token is signed with " + algorithm + "; this hub accepts HS256");
    }

    /** A nested token (RFC 7519, 5.2) is not a payload. */
    @Test
    void aTokenInATokenIsRefused() throws Exception {
        String nested = Keys.sign("{\"alg\":\"HS256\",\"cty\":\"JWT\"}", Keys.token(FULL), Keys.HMAC);
        assertThat(refusal(AUTHORIZER, nested)).isEqualTo("the payload of the token is not a JSON object");
    }

    /** CVE-2022-21449, and signatures of the wrong length. */
    @ParameterizedTest
    @ValueSource(ints = {1, 63, 64, 65, 128})
    void aSignatureOfZerosIsRefused(int length) throws Exception {
        JwtAuthorizer authorizer = Keys.authorizer(Keys.key(Keys.pem(Keys.ec(Curve.P_256).toPublicKey())));
        String zeros = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[length]);
        assertThat(refusal(authorizer, Keys.encode("{\"alg\":\"ES256\"}") + "." + Keys.encode(FULL) + "." + zeros))
                .startsWith("the signature of the token ");
    }

    @Test
    void otherClaimsGrantNothing() throws Exception {
        Token token = AUTHORIZER.publisher(Keys.token("{\"mercure\":{\"payload\":{\"publish\":[\"*\"]},\"admin\":true},"
                + "\"publish\":[\"*\"],\"scope\":\"*\"}"));
        assertThat(token.grant()).isEqualTo(Grant.NONE);
    }

    @Test
    void aTokenMayHaveUpTo65536Characters() throws Exception {
        String filler = "x".repeat(48_900);
        assertThat(AUTHORIZER.publisher(Keys.token("{\"x\":\"" + filler + "\"}")).grant()).isEqualTo(Grant.NONE);
        assertThat(refusal("{\"x\":\"" + filler + filler + "\"}")).isEqualTo("the token has more than 65536 characters");
    }

    /** The payload is parsed before the signature is checked, so anyone can send it. */
    @Test
    void aNumberWithManyDigitsCostsLittle() throws Exception {
        String token = Keys.token("{\"x\":" + "9".repeat(48_000) + ",\"y\":1e999999999,\"exp\":1e-999999999}");
        assertTimeout(Duration.ofSeconds(2), () -> refusal(AUTHORIZER, token));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"alg\":null}", "{\"alg\":5}", "{\"alg\":\"\"}", "{\"alg\":\"H S\\u0000\"}"})
    void aHeaderWithoutAnAlgorithmIsRefused(String header) {
        assertThat(refusal(AUTHORIZER, Keys.encode(header) + ".e30.AAAA"))
                .isEqualTo("the header of the token names no algorithm (alg)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer ", "bearer ", "BEARER   "})
    void theMessageExplainsAPrefixThatIsTooMuch(String prefix) throws Exception {
        assertThat(refusal(AUTHORIZER, prefix + Keys.token(FULL))).isEqualTo("the token begins with \"Bearer\"; "
                + "leave this word out: the token begins after it");
    }

    @Test
    void textThatIsNotATokenIsRefused() throws Exception {
        String valid = Keys.token(FULL);
        String deep = "[".repeat(20_000);
        for (String text : List.of("", ".", "..", "...", ".".repeat(8_000), "a".repeat(8_000), "a.a.a", "e30.e30.e30", "é.é.é",
                " " + valid,
                valid + " ", valid + "\n", valid + ".", valid + "=", valid + "." + valid, valid.replace('.', ' '), "\0",
                valid + "\0",
                "Bearer " + valid, Keys.encode(deep) + ".e30.AAAA", "A".repeat(10_000_000), valid.replaceFirst("\\.", "+."),
                Keys.encode("\uFEFF{\"alg\":\"HS256\"}") + ".e30.AAAA", "_w.e30.AAAA", valid + "A")) {
            assertThat(refusal(AUTHORIZER, text)).isNotBlank();
        }
        assertThat(refusal("{\"x\":" + deep + "}")).isEqualTo("the payload of the token is not a JSON object");
        assertThat(refusal("{\"x\":" + "{\"x\":".repeat(8_000))).isEqualTo("the payload of the token is not a JSON object");
    }

    @Property(tries = 2_000)
    void aTokenWithOneCharacterChangedIsRefusedOrMeansTheSame(@ForAll @IntRange(max = 1_000) int place,
            @ForAll @CharRange(from = ' ', to = '~') char other) throws Exception {
        String valid = Keys.token(FULL);
        StringBuilder changed = new StringBuilder(valid);
        changed.setCharAt(place % valid.length(), other);
        try {
            assertThat(AUTHORIZER.publisher(changed.toString())).isEqualTo(AUTHORIZER.publisher(valid));
        } catch (InvalidTokenException e) {
            assertThat(changed.toString()).isNotEqualTo(valid);
        }
    }

    @Property(tries = 2_000)
    void garbageIsRefused(@ForAll String header, @ForAll String payload, @ForAll String raw) throws Exception {
        assertThat(refusal(AUTHORIZER, raw)).isNotBlank();
        assertThat(refusal(AUTHORIZER, Keys.encode(header) + "." + Keys.encode(payload) + "." + Keys.encode(raw))).isNotBlank();
    }

    @Property(tries = 500)
    void signedGarbageIsRefused(@ForAll @NotEmpty String payload) throws Exception {
        assertThat(refusal(payload)).isEqualTo("the payload of the token is not a JSON object");
    }

    @Test
    void messagesShowNeitherTheTokenNorTheKey() throws Exception {
        for (String token : List.of(Keys.token("{\"exp\":1}"), Keys.token("[]"), Keys.token(JWSAlgorithm.HS512, Keys.HMAC),
                Keys.sign("{\"alg\":\"HS256\"}", FULL, new OctetSequenceKey.Builder(new byte[32]).build()),
                Keys.encode("{}") + ".nothing-to-be-seen.y")) {
            assertThatExceptionOfType(InvalidTokenException.class).isThrownBy(() -> AUTHORIZER.publisher(token))
                    .satisfies(e -> assertThat(Keys.stackTrace(e)).doesNotContain(Keys.SECRET, token.split("\\.")[1]));
        }
        assertThat(Keys.settings(Keys.key(Keys.SECRET)).toString()).doesNotContain(Keys.SECRET);
        assertThat(Keys.key(Keys.SECRET).open("sse-hub.auth").toString()).doesNotContain(Keys.SECRET);
    }
}
