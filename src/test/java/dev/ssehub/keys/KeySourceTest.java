package dev.ssehub.keys;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import dev.ssehub.auth.JwtAuthorizer;
import dev.ssehub.auth.Keys;
import dev.ssehub.auth.TokenSettings;
import dev.ssehub.server.TestCertificate;
import java.security.cert.X509Certificate;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which keys the hub accepts, and the messages about mistakes at the start. */
class KeySourceTest {
    private static final String NO_KEY = "it is not a key as RFC 7517 defines it, or not of a kind that is supported";

    @TempDir
    private Path folder;

    private KeySettings file(byte[] content) throws Exception {
        return new KeySettings(Optional.empty(), Optional.empty(), Optional.of(Files.write(folder.resolve("key"), content)),
                Optional.empty());
    }

    private KeySettings set(String content) throws Exception {
        return Keys.jwks(Files.writeString(folder.resolve("keys.json"), content).toString());
    }

    private static String set(JWK... keys) {
        return new JWKSet(Arrays.asList(keys)).toString(false);
    }

    /** Returns the message, for assertions; neither it nor a cause shows the secret. */
    private static AbstractStringAssert<?> assertMistake(KeySettings settings) {
        try {
            Keys.authorizer(settings);
        } catch (IllegalArgumentException e) {
            assertThat(Keys.stackTrace(e)).doesNotContain(Keys.SECRET, Keys.SECRET.substring(0, 20));
            String key = "sse-hub.auth"
                    + (settings.key().isPresent() ? ".key: " : settings.jwks().isPresent() ? ".jwks: " : ".key-file: ");
            assertThat(e.getMessage()).startsWith(key).doesNotContain("\n");
            return assertThat(e.getMessage().substring(key.length()));
        }
        throw new AssertionError("no mistake was found");
    }

    private static void assertTakes(KeySettings settings, JWSAlgorithm algorithm, JWK key) throws Exception {
        assertThat(Keys.authorizer(settings).publisher(Keys.token(algorithm, key)).grant().mayPublish("a")).isTrue();
    }

    @Test
    void withoutAConfiguredAlgorithmTheUsualOneOfTheKeyIsAccepted() throws Exception {
        assertTakes(Keys.key(Keys.SECRET), JWSAlgorithm.HS256, Keys.HMAC);
        assertTakes(Keys.key(Keys.pem(Keys.RSA.toPublicKey())), JWSAlgorithm.RS256, Keys.RSA);
        for (Curve curve : List.of(Curve.P_256, Curve.P_384, Curve.P_521)) {
            ECKey key = Keys.ec(curve);
            assertTakes(Keys.key("\n  " + Keys.pem(key.toPublicKey())),
                    Keys.signer(key).supportedJWSAlgorithms().iterator().next(), key);
        }
        OctetKeyPair ed25519 = Keys.ed25519();
        assertTakes(Keys.key(Keys.pem(Keys.publicKey(ed25519))), JWSAlgorithm.EdDSA, ed25519);
        try (JwtAuthorizer authorizer = Keys.authorizer(set(set(ed25519.toPublicJWK())))) {
            assertThat(authorizer.publisher(Keys.token(JWSAlgorithm.Ed25519, ed25519)).grant().mayPublish("a")).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void aLineBreakAtTheEndOfAFileIsNotPartOfTheSecret(String end) throws Exception {
        assertTakes(file((Keys.SECRET + end).getBytes(UTF_8)), JWSAlgorithm.HS256, Keys.HMAC);
    }

    @Test
    void everythingElseInAFileIsPartOfTheSecret() throws Exception {
        for (String secret : List.of(Keys.SECRET + "\n", " " + Keys.SECRET, Keys.SECRET + " ", "é" + Keys.SECRET)) {
            assertTakes(file((secret + "\n").getBytes(UTF_8)), JWSAlgorithm.HS256,
                    new OctetSequenceKey.Builder(secret.getBytes(UTF_8)).build());
        }
    }

    @Test
    void aFileMayHoldAPublicKey() throws Exception {
        assertTakes(file(Keys.pem(Keys.RSA.toPublicKey()).replace("\n", "\r\n").getBytes(UTF_8)), JWSAlgorithm.RS256, Keys.RSA);
    }

    @ParameterizedTest
    @ValueSource(ints = {2048, 3072, 4096})
    void anRsaKeyMayBeInPkcs1(int bits) throws Exception {
        RSAKey key = Keys.rsa(bits);
        byte[] encoded = key.toPublicKey().getEncoded();
        byte[] own = Arrays.copyOfRange(encoded, 24, encoded.length); // 2 headers of 4 bytes, 15 of the algorithm, 1 of unused bits

        assertTakes(Keys.key(Keys.pem("RSA PUBLIC KEY", own)), JWSAlgorithm.RS256, key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC"})
    void aCertificateIsAcceptedAsAKey(String kind) throws Exception {
        TestCertificate made = kind.equals("RSA") ? TestCertificate.rsa("test") : TestCertificate.ec("test");
        X509Certificate certificate = made.certificate();
        PrivateKey secret = made.key();
        JWK key = kind.equals("RSA")
                ? new RSAKey.Builder((RSAPublicKey) certificate.getPublicKey()).privateKey(secret).build()
                : new ECKey.Builder(Curve.P_256, (ECPublicKey) certificate.getPublicKey()).privateKey(secret).build();

        assertTakes(Keys.key(Keys.pem("CERTIFICATE", certificate.getEncoded())),
                kind.equals("RSA") ? JWSAlgorithm.RS256 : JWSAlgorithm.ES256, key);
    }

    /** Everyone knows a public key: a hub that took it for a secret would accept forged tokens. */
    @Test
    void aPublicKeyNeverBecomesASecret() throws Exception {
        String pem = Keys.pem(Keys.RSA.toPublicKey());
        String json = Keys.RSA.toPublicJWK().toJSONString();
        Path file = folder.resolve("key");
        KeySettings inFile = new KeySettings(Optional.empty(), Optional.empty(), Optional.of(file), Optional.empty());
        for (byte[] content : List.of(("# my key\n" + pem).getBytes(UTF_8), ("\uFEFF" + pem).getBytes(UTF_8),
                ("\uFEFF" + pem).getBytes(UTF_16LE), ("\uFEFF" + pem).getBytes(UTF_16BE), ("key:" + pem).getBytes(UTF_8))) {
            Files.write(file, content);
            assertMistake(inFile).startsWith("the key cannot be read; it must be the PEM of a PUBLIC KEY");
        }
        for (String text : List.of(json, " \n" + json, "{\"keys\":[" + json + "]}")) {
            assertMistake(Keys.key(text))
                    .isEqualTo("the key is JSON, which a file for .jwks may hold; it must be a secret, or a public key in PEM");
        }
    }

    @ParameterizedTest
    @CsvSource({"HS256, 31, 32", "HS384, 47, 48", "HS512, 63, 64"})
    void aSecretMustBeAsLongAsItsHash(String algorithm, int bytes, int least) throws Exception {
        assertMistake(Keys.key(algorithm, Keys.SECRET.substring(0, bytes))).isEqualTo("the secret has " + bytes + " bytes; "
                + algorithm + " needs at least " + least + ", for example: openssl rand -base64 " + least);
        String enough = Keys.SECRET.substring(0, least);
        assertTakes(Keys.key(algorithm, enough), JWSAlgorithm.parse(algorithm),
                new OctetSequenceKey.Builder(enough.getBytes(UTF_8)).build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "hs256", "HS1", "EDDSA", "Ed448", "ES256K", "RSA-OAEP"})
    void anUnknownAlgorithmIsRefusedWithTheAllowedOnes(String algorithm) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> Keys.authorizer(Keys.key(algorithm, Keys.SECRET)))
                .withMessage("sse-hub.auth.algorithm: there is no algorithm '" + algorithm + "'; it must be one of HS256, HS384, "
                        + "HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA");
    }

    @Test
    void anAlgorithmMustSuitTheKey() throws Exception {
        assertMistake(Keys.key("RS256", Keys.SECRET))
                .isEqualTo("the algorithm RS256 does not suit the key, which is a secret; the key allows HS256, HS384, HS512");
        assertMistake(Keys.key("HS256", Keys.pem(Keys.RSA.toPublicKey()))).isEqualTo(
                "the algorithm HS256 does not suit the key, which is an RSA key; the key allows RS256, RS384, RS512, PS256, PS384, PS512");
        assertMistake(Keys.key("ES256", Keys.pem(Keys.ec(Curve.P_384).toPublicKey())))
                .isEqualTo(
                        "the algorithm ES256 does not suit the key, which is an EC key of the curve P-384; the key allows ES384");
    }

    @Test
    void aWeakRsaKeyIsRefused() throws Exception {
        String sentence = "the RSA key has 1024 bits; it needs at least 2048";
        RSAKey weak = Keys.rsa(1024);

        assertMistake(Keys.key(Keys.pem(weak.toPublicKey()))).isEqualTo(sentence);
        assertMistake(set(set(weak.toPublicJWK()))).startsWith("the file ")
                .endsWith("; these keys are ignored: one without a kid (" + sentence + ")");
    }

    static Stream<String> privateKeys() throws Exception {
        return Stream.of(Keys.pem(Keys.RSA.toPrivateKey()), Keys.pem(Keys.ec(Curve.P_256).toPrivateKey()),
                Keys.pem(KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate()),
                Keys.pem("RSA PRIVATE KEY", new byte[9]), Keys.pem("EC PRIVATE KEY", new byte[9]),
                Keys.pem("ENCRYPTED PRIVATE KEY", new byte[9]),
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----");
    }

    @ParameterizedTest
    @MethodSource("privateKeys")
    void aPrivateKeyIsRefusedAndNotShown(String pem) {
        assertMistake(Keys.key(pem)).startsWith("the key is private")
                .doesNotContain(pem.lines().skip(1).findFirst().orElseThrow());
    }

    @Test
    void anEd25519KeyMustBeWhole() throws Exception {
        OctetKeyPair key = Keys.ed25519();
        for (int bytes : List.of(0, 31, 33, 64)) {
            String x = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[bytes]);
            assertMistake(set("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" + x + "\"}]}"))
                    .contains("these keys are ignored: one without a kid (");
        }
        assertMistake(set("{\"keys\":[" + key.toJSONString() + "]}")).contains("one without a kid (the key is private")
                .doesNotContain(key.getD().toString());
        assertMistake(Keys.key("ES256", Keys.pem(Keys.publicKey(key)))).isEqualTo(
                "the algorithm ES256 does not suit the key, which is an Ed25519 key; the key allows EdDSA");
    }

    @Test
    void aPrivateKeyInASetIsRefused() throws Exception {
        KeySettings settings = set("{\"keys\":[" + Keys.RSA.toJSONString() + "]}");
        assertMistake(settings).startsWith("the file ").contains("one without a kid (the key is private")
                .doesNotContain(Keys.RSA.getPrivateExponent().toString());
    }

    static Stream<String> brokenPems() throws Exception {
        String pem = Keys.pem(Keys.RSA.toPublicKey());
        return Stream.of("-----BEGIN", "-----BEGIN PUBLIC KEY-----", pem.substring(0, 200),
                pem.replace("\n", "").replaceFirst("END", "EN"),
                pem.replace("MII", "AAA"), pem.replace("MII", "!!!"), pem.replace("PUBLIC KEY", "RSA PUBLIC KEY"),
                pem.replace("PUBLIC KEY", "CERTIFICATE"), pem.replace("PUBLIC KEY", "CERTIFICATE REQUEST"),
                Keys.pem("RSA PUBLIC KEY", new byte[70_000]), Keys.pem("PUBLIC KEY", new byte[0]),
                Keys.pem(KeyPairGenerator.getInstance("Ed448").generateKeyPair().getPublic()),
                Keys.pem(KeyPairGenerator.getInstance("X25519").generateKeyPair().getPublic()),
                Keys.pem(KeyPairGenerator.getInstance("DSA").generateKeyPair().getPublic()));
    }

    @ParameterizedTest
    @MethodSource("brokenPems")
    void aPemThatCannotBeReadIsRefused(String pem) {
        assertMistake(Keys.key(pem)).startsWith("the key cannot be read; it must be the PEM of a PUBLIC KEY, ");
    }

    @Test
    void theMessageNamesAFileThatCannotBeRead() throws Exception {
        Path missing = folder.resolve("missing");
        assertMistake(new KeySettings(Optional.empty(), Optional.empty(), Optional.of(missing), Optional.empty()))
                .isEqualTo("the file " + missing + " cannot be read: there is no such file");
        assertMistake(new KeySettings(Optional.empty(), Optional.empty(), Optional.of(folder), Optional.empty()))
                .startsWith("the file " + folder + " cannot be read: it is a directory");
        assertMistake(Keys.jwks(missing.toString())).startsWith("the file " + missing + " cannot be read: there is no such file");
        assertMistake(file(new byte[1_048_577]))
                .isEqualTo("the file " + folder.resolve("key")
                        + " cannot be read: it has more than the 1048576 bytes that are allowed");
        assertMistake(file(new byte[0])).isEqualTo("the key is empty; it must be a secret, or a public key in PEM");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[", Keys.SECRET})
    void aFileThatIsNotASetOfKeysIsRefused(String content) throws Exception {
        assertMistake(set(content))
                .isEqualTo("the file " + folder.resolve("keys.json")
                        + " is not a set of keys as RFC 7517 defines it: {\"keys\":[...]}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"keys\":[null]}", "{\"keys\":[1]}", "{\"keys\":[{},null]}"})
    void aSetOfOtherThingsThanKeysIsRefused(String content) throws Exception {
        assertMistake(set(content))
                .isEqualTo("the file " + folder.resolve("keys.json") + " has no key that a token can be checked with; "
                        + "it needs an RSA, EC or Ed25519 key, or a secret, for signatures; these keys are ignored: one without a kid "
                        + "(it is not a key as RFC 7517 defines it, or not of a kind that is supported)");
    }

    @Test
    void aSetWithoutAKeyForTokensIsRefused() throws Exception {
        String sentence = "the file " + folder.resolve("keys.json") + " has no key that a token can be checked with";
        String needed = "; it needs an RSA, EC or Ed25519 key, or a secret, for signatures";
        RSAKey forSecrecy = new RSAKey.Builder(Keys.RSA).keyUse(KeyUse.ENCRYPTION).build().toPublicJWK();

        assertMistake(set(set())).isEqualTo(sentence + needed);
        assertMistake(set(set(forSecrecy))).isEqualTo(sentence + needed);
        assertMistake(
                set("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
                        + "{\"kty\":\"new\"}]}"))
                .isEqualTo(sentence + needed);
        assertMistake(set("{\"keys\":[{}]}")).isEqualTo(sentence + needed);
        assertMistake(set("{\"keys\":[{\"kty\":\"oct\",\"k\":5},{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"" + Keys.SECRET + "\"}]}"))
                .isEqualTo(
                        sentence + needed + "; these keys are ignored: one without a kid (" + NO_KEY + "), 'a' (" + NO_KEY + ")");
        KeySettings rsa = set(set(Keys.RSA.toPublicJWK()));
        assertMistake(new KeySettings(Optional.of("ES256"), rsa.key(), rsa.keyFile(), rsa.jwks()))
                .isEqualTo(sentence + " by ES256" + needed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http:///keys", "http://", "https://[", "https://a b", "https://a:65536/", "https://a:99999999999/",
            "\0"})
    void aBrokenUrlIsRefused(String url) {
        assertMistake(Keys.jwks(url)).startsWith("it is ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://x", "http//foo", "http:/foo", "htps://example.com/a//b", "file:///keys.json", "https:foo"})
    void aMistypedUrlIsShown(String url) {
        assertMistake(Keys.jwks(url)).isEqualTo("'" + url + "' is neither a URL of http or https, such as "
                + "https://example.com/keys, nor the path of a file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://me:" + Keys.SECRET + "@x", "htp://x?" + Keys.SECRET})
    void aMistypedUrlWithASecretIsNotShown(String url) {
        assertMistake(Keys.jwks(url)).startsWith("it is neither a URL of http or https, ");
    }

    @Test
    void aSetInsteadOfItsPathIsRefusedAndNotShown() {
        assertMistake(Keys.jwks("{\"keys\":[{\"k\":\"" + Keys.SECRET + "\"}]}")).startsWith("it is a set of keys; ");
        assertMistake(Keys.jwks("https://user:" + Keys.SECRET + "@[/")).startsWith("it is ");
    }

    @Test
    void aUrlCannotProvideSecrets() {
        assertMistake(new KeySettings(Optional.of("HS256"), Optional.empty(), Optional.empty(), Optional.of("http://localhost/")))
                .isEqualTo(
                        "HS256 needs a secret, and the hub never accepts secrets from a URL; use an algorithm with a public "
                                + "key, such as RS256 or ES256");
    }

    @Test
    void theMessageNamesTheSectionOfSubscribers() {
        TokenSettings settings = new TokenSettings(Keys.key(Keys.SECRET), Keys.key("short"), Optional.empty(), Optional.empty(),
                Keys.SKEW);
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> Keys.authorizer(settings, Keys.NOW))
                .withMessageStartingWith("sse-hub.auth.subscriber.key: the secret has 5 bytes; ");
    }
}
