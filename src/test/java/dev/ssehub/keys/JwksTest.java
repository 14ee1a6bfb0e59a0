package dev.ssehub.keys;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.nimbusds.jose.Algorithm;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.ssehub.auth.InvalidTokenException;
import dev.ssehub.auth.JwtAuthorizer;
import dev.ssehub.auth.Keys;
import dev.ssehub.auth.KeysUnavailableException;
import dev.ssehub.thread.PeriodicTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sets of keys: in a file, and fetched from a server. */
class JwksTest {
    private static final String UNKNOWN = "the token is signed with a key that this hub does not know";
    private static final Jwks.Pace CALM = new Jwks.Pace(Duration.ofHours(2), Duration.ofHours(1), Duration.ofHours(4),
            Duration.ofSeconds(5));
    private static final Jwks.Pace HECTIC = new Jwks.Pace(Duration.ofMillis(2), Duration.ofMillis(1), Duration.ofHours(4),
            Duration.ofSeconds(5));
    private static final Jwks.Pace IMPATIENT = new Jwks.Pace(Duration.ofHours(2), Duration.ofHours(1), Duration.ofHours(4),
            Duration.ofMillis(300));
    private static final Jwks.Pace ATTENTIVE = new Jwks.Pace(Duration.ZERO, Duration.ofMillis(50), Duration.ofHours(4),
            Duration.ZERO);
    private static final ECKey FIRST = named(Keys.ec(Curve.P_256), "first");
    private static final ECKey SECOND = named(Keys.ec(Curve.P_256), "second");
    private static final RSAKey RSA = new RSAKey.Builder(Keys.RSA).keyID("rsa").build();

    @TempDir
    private Path folder;

    private final LogLines log = new LogLines(Jwks.class, JwksRetriever.class, PeriodicTask.class);
    private final AtomicInteger fetches = new AtomicInteger();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private volatile CountDownLatch hanging = new CountDownLatch(0);
    private volatile boolean trickling;
    private volatile int status = 200;
    private volatile String content = "";
    private HttpServer server;
    private ExecutorService executor;

    private static ECKey named(ECKey key, String id) {
        return new ECKey.Builder(key).keyID(id).build();
    }

    @BeforeEach
    void start() throws IOException {
        server = start(0);
    }

    private HttpServer start(int port) throws IOException {
        HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        started.createContext("/keys", exchange -> {
            fetches.incrementAndGet();
            byte[] body = content.getBytes(UTF_8);
            awaitQuietly(hanging);
            if (trickling) {
                trickle(exchange);
            }
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        executor = Executors.newVirtualThreadPerTaskExecutor();
        started.setExecutor(executor);
        started.start();
        return started;
    }

    /** Sends a byte at a time, until the client closes the connection. */
    private void trickle(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 900_000);
        for (int i = 0; trickling && i < 900_000; i++) {
            exchange.getResponseBody().write(' ');
            exchange.getResponseBody().flush();
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        hanging.countDown();
        trickling = false;
        server.stop(0);
        executor.close();
        log.close();
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/keys";
    }

    private KeySource source(Jwks.Pace pace) throws IOException {
        return source(url(), Optional.empty(), pace);
    }

    private KeySource source(String url, Optional<JWSAlgorithm> algorithm, Jwks.Pace pace) throws IOException {
        return toBeClosed(Jwks.at(URI.create(url), algorithm, pace));
    }

    /** Returns an authorizer that notices a change of the file sooner than the hub's does. */
    private JwtAuthorizer watching(Path file) throws IOException {
        return toBeClosed(Keys.authorizer(toBeClosed(Jwks.in(file, Optional.empty(), ATTENTIVE))));
    }

    /** Replaces a file at once: the hub may read it at any time. */
    private void replace(Path file, String text) throws IOException {
        Path written = Files.writeString(folder.resolve("written"), text);
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private JwtAuthorizer authorizer(String where) {
        return toBeClosed(Keys.authorizer(Keys.jwks(where)));
    }

    private <T extends AutoCloseable> T toBeClosed(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    private static String set(JWK... keys) {
        return new JWKSet(Arrays.asList(keys)).toString();
    }

    private static void check(KeySource source, String token) throws InvalidTokenException, KeysUnavailableException {
        Keys.check(source, token);
    }

    private static void assertRefused(KeySource source, String token, String sentence) {
        assertThatExceptionOfType(InvalidTokenException.class).isThrownBy(() -> check(source, token)).withMessage(sentence);
    }

    private static void assertUnavailable(KeySource source, String token) {
        assertThatExceptionOfType(KeysUnavailableException.class).isThrownBy(() -> check(source, token))
                .withMessage("the keys to check tokens with cannot be fetched at this moment");
    }

    @Test
    void theFirstTokenFetchesTheKeys() throws Exception {
        content = set(FIRST, RSA);
        JwtAuthorizer authorizer = authorizer(url());
        assertThat(fetches).hasValue(0);

        assertThat(authorizer.publisher(Keys.token(JWSAlgorithm.ES256, FIRST)).grant().mayPublish("a")).isTrue();
        assertThat(authorizer.subscriber(Keys.token(JWSAlgorithm.RS256, RSA)).grant().mayPublish("a")).isTrue();
        assertThat(fetches).hasValue(1);
        assertThat(log.all()).isEmpty();
    }

    @Test
    void anUnknownKeyIsFetched() throws Exception {
        content = set(FIRST);
        KeySource source = source(CALM);
        check(source, Keys.token(JWSAlgorithm.ES256, FIRST));
        content = set(SECOND);

        check(source, Keys.token(JWSAlgorithm.ES256, SECOND));
        assertThat(fetches).hasValue(2);
        assertRefused(source, Keys.token(JWSAlgorithm.ES256, FIRST), UNKNOWN);
    }

    @Test
    void aFloodOfUnknownKeysCausesTwoFetchesAtMost() throws Exception {
        content = set(FIRST);
        KeySource source = source(CALM);
        for (int i = 0; i < 1_000; i++) {
            assertRefused(source, Keys.sign("{\"alg\":\"ES256\",\"kid\":\"" + i + "\"}", "{}", SECOND), UNKNOWN);
        }
        assertThat(fetches).hasValue(2);
        check(source, Keys.token(JWSAlgorithm.ES256, FIRST));
    }

    @Test
    void knownKeysStayInUseDuringAnOutage() throws Exception {
        content = set(FIRST);
        KeySource source = source(HECTIC);
        check(source, Keys.token(JWSAlgorithm.ES256, FIRST));
        status = 503;

        await().until(() -> {
            check(source, Keys.token(JWSAlgorithm.ES256, FIRST));
            return !log.all().isEmpty();
        });
        server.stop(0);
        assertUnavailable(source, Keys.token(JWSAlgorithm.ES256, SECOND));
        check(source, Keys.token(JWSAlgorithm.ES256, FIRST));
        assertThat(log.all()).hasSize(1).first().asString()
                .startsWith("the known keys for tokens stay in use for PT4H at most: " + url()
                        + " cannot be fetched: ");
    }

    @Test
    void tokensAreNotInvalidBeforeTheFirstFetchSucceeds() throws Exception {
        String token = Keys.token(JWSAlgorithm.ES256, FIRST);
        KeySource source = source(CALM);
        server.stop(0);

        for (int i = 0; i < 10; i++) {
            assertUnavailable(source, token);
        }
        assertThat(log.all()).hasSize(1).first().asString()
                .startsWith("tokens get 503 until there are keys to check them with: " + url() + " cannot be fetched: ");
    }

    @Test
    void keysAreFetchedWhenTheServerComesUp() throws Exception {
        String token = Keys.token(JWSAlgorithm.ES256, FIRST);
        int port = server.getAddress().getPort();
        KeySource source = source(HECTIC);
        server.stop(0);
        assertUnavailable(source, token);

        content = set(FIRST);
        server = start(port);
        await().ignoreExceptionsInstanceOf(KeysUnavailableException.class).untilAsserted(() -> check(source, token));
        assertThat(log.all()).hasSize(2).last().isEqualTo("the keys for tokens are available again from " + url());
    }

    @Test
    void anOldSetIsFetchedAgainWithoutAToken() throws Exception {
        content = set(FIRST);
        check(source(HECTIC), Keys.token(JWSAlgorithm.ES256, FIRST));
        await().untilAtomic(fetches, greaterThan(3));
    }

    @Test
    void tokensOfKnownKeysDoNotWaitForAServerThatHangs() throws Exception {
        content = set(FIRST);
        KeySource source = source(HECTIC);
        String token = Keys.token(JWSAlgorithm.ES256, FIRST);
        check(source, token);

        hanging = new CountDownLatch(1);
        int before = fetches.get();
        await().untilAtomic(fetches, greaterThan(before)); // this fetch hangs
        assertTimeout(Duration.ofSeconds(2), () -> { // less than the deadline of a fetch
            for (int i = 0; i < 10; i++) {
                check(source, token);
            }
        });
        content = set(SECOND);
        hanging.countDown();
        await().ignoreExceptionsInstanceOf(InvalidTokenException.class)
                .untilAsserted(() -> check(source, Keys.token(JWSAlgorithm.ES256, SECOND)));
    }

    @Test
    void tokensOfKnownKeysDoNotWaitForTokensOfUnknownKeys() throws Exception {
        content = set(FIRST);
        KeySource source = source(CALM);
        String token = Keys.token(JWSAlgorithm.ES256, FIRST);
        check(source, token);
        hanging = new CountDownLatch(1);
        try (ExecutorService strangers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> asked = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String unknown = Keys.sign("{\"alg\":\"ES256\",\"kid\":\"" + i + "\"}", "{}", SECOND);
                asked.add(strangers.submit(() -> assertRefused(source, unknown, UNKNOWN)));
            }
            await().untilAtomic(fetches, equalTo(2));
            assertTimeout(Duration.ofSeconds(1), () -> check(source, token));
            hanging.countDown();
            for (Future<?> each : asked) {
                each.get();
            }
        }
        assertThat(fetches).hasValue(2);
    }

    /** The key was published after the server had read its set for the fetch under way. */
    @Test
    void aTokenThatWaitsForAnEarlierFetchCausesOneMore() throws Exception {
        content = set(FIRST);
        KeySource source = source(CALM);
        hanging = new CountDownLatch(1);
        String unknown = Keys.sign("{\"alg\":\"ES256\",\"kid\":\"unknown\"}", "{}", SECOND);
        FutureTask<?> earlier = new FutureTask<>(() -> {
            assertRefused(source, unknown, UNKNOWN);
            return null;
        });
        Thread.ofVirtual().start(earlier);
        await().untilAtomic(fetches, equalTo(1));
        content = set(FIRST, SECOND);
        FutureTask<?> later = new FutureTask<>(() -> {
            check(source, Keys.token(JWSAlgorithm.ES256, SECOND));
            return null;
        });
        Thread waiting = Thread.ofPlatform().start(later);
        await().until(() -> waiting.getState() == Thread.State.BLOCKED);
        hanging.countDown();

        earlier.get();
        later.get();
        assertThat(fetches).hasValue(2);
    }

    @Test
    void closingStopsFetchingAndDoesNotWaitForAServerThatHangs() throws Exception {
        content = set(FIRST);
        KeySource source = source(HECTIC);
        check(source, Keys.token(JWSAlgorithm.ES256, FIRST));
        hanging = new CountDownLatch(1);
        int before = fetches.get();
        await().untilAtomic(fetches, greaterThan(before));

        assertTimeout(Duration.ofSeconds(2), () -> {
            source.close();
            source.close();
        });
        before = fetches.get();
        hanging.countDown();
        await().during(Duration.ofMillis(100)).untilAtomic(fetches, equalTo(before));
        assertThat(log.all()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"404 | {\"keys\":[]}", "500 | x", "200 | <html>", "200 | ", "200 | {}", "200 | [[[[",
            "200 | null"})
    void aResponseThatIsNotASetIsAnOutage(int code, String body) throws Exception {
        status = code;
        content = body == null ? "" : body;
        assertUnavailable(source(CALM), Keys.token(JWSAlgorithm.ES256, FIRST));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"alg\":\"ES256\"}", "{\"alg\":\"ES256\",\"kid\":\"first\"}"})
    void anEmptySetDoesNotMakeTokensInvalid(String header) throws Exception {
        content = set();
        KeySource source = source(CALM);
        String token = Keys.sign(header, "{}", FIRST);
        for (int i = 0; i < 5; i++) {
            assertThatExceptionOfType(KeysUnavailableException.class).isThrownBy(() -> check(source, token))
                    .withMessageStartingWith("the ").withMessageContaining("keys to check tokens with");
        }
        assertThat(fetches).hasValue(2);
        assertThat(log.all()).containsExactly(none(url()));
    }

    @Test
    void aSetThatIsTooLargeIsRefused() throws Exception {
        content = set(FIRST) + " ".repeat(1 << 20);
        assertUnavailable(source(CALM), Keys.token(JWSAlgorithm.ES256, FIRST));
    }

    /** The key may be new: the hub cannot know. */
    @Test
    void anUnknownKeyIsNotInvalidDuringAnOutage() throws Exception {
        content = set(FIRST);
        KeySource source = source(CALM);
        check(source, Keys.token(JWSAlgorithm.ES256, FIRST));
        status = 500;

        for (int i = 0; i < 5; i++) {
            assertUnavailable(source, Keys.token(JWSAlgorithm.ES256, SECOND));
        }
        assertThat(fetches).hasValue(2);
        check(source, Keys.token(JWSAlgorithm.ES256, FIRST));
        assertThat(log.all()).hasSize(1).first().asString()
                .endsWith(": the server answers with status 500, where 200 is expected");
    }

    @Test
    void aFetchFromASlowServerEndsAtTheDeadline() throws Exception {
        trickling = true;
        content = set(FIRST);
        KeySource source = source(IMPATIENT);
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> assertUnavailable(source, Keys.token(JWSAlgorithm.ES256, FIRST)));
        assertThat(log.all()).hasSize(1).first().asString().endsWith(": it takes longer than PT0.3S");
    }

    @Test
    void redirectsAreFollowedButNotForever() throws Exception {
        server.createContext("/moved", exchange -> {
            exchange.getResponseHeaders().set("Location", url());
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        AtomicInteger rounds = new AtomicInteger();
        server.createContext("/round", exchange -> {
            rounds.incrementAndGet();
            exchange.getResponseHeaders().set("Location", "/round");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        content = set(FIRST);
        String token = Keys.token(JWSAlgorithm.ES256, FIRST);

        check(source(url().replace("/keys", "/moved"), Optional.empty(), CALM), token);
        assertUnavailable(source(url().replace("/keys", "/round"), Optional.empty(), CALM), token);
        assertThat(rounds).hasValueBetween(2, 10);
    }

    @Test
    void closingLeavesNoThreadBehind() throws Exception {
        Set<Thread> before = clients();
        content = set(FIRST);
        KeySource source = source(CALM);
        check(source, Keys.token(JWSAlgorithm.ES256, FIRST));
        String second = Keys.token(JWSAlgorithm.ES256, SECOND);
        hanging = new CountDownLatch(1);
        try (ExecutorService stranger = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> asked = stranger.submit(() -> assertUnavailable(source, second));
            await().untilAtomic(fetches, equalTo(2));
            assertThat(before.containsAll(clients())).isFalse();
            assertTimeout(Duration.ofSeconds(2), source::close);
            asked.get(2, TimeUnit.SECONDS);
        }
        assertThat(before).containsAll(clients());
        assertThat(log.all()).isEmpty();
    }

    private static Set<Thread> clients() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("HttpClient"))
                .collect(toSet());
    }

    @Test
    void aBrokenKeyAtAUrlDoesNotSpoilTheOthers() throws Exception {
        content = set(FIRST).replace("[", "[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"odd\",\"x\":\"AAAA\",\"y\":\"AAAA\"},");
        KeySource source = source(HECTIC);
        check(source, Keys.token(JWSAlgorithm.ES256, FIRST));
        await().untilAtomic(fetches, greaterThan(3));
        assertThat(log.all()).containsExactly("these keys for tokens in " + url() + " are ignored: 'odd' (it is "
                + "not a key as RFC 7517 defines it, or not of a kind that is supported)");
    }

    @Test
    void aSecretAtAUrlIsIgnored() throws Exception {
        OctetSequenceKey secret = new OctetSequenceKey.Builder(Keys.HMAC).keyID("secret").build();
        content = new JWKSet(Arrays.asList(FIRST.toPublicJWK(), secret)).toString(false);

        assertRefused(source(CALM), Keys.token(JWSAlgorithm.HS256, secret), UNKNOWN);
        assertRefused(source(CALM), Keys.token(JWSAlgorithm.HS256, Keys.HMAC),
                "the token is signed with HS256; this hub accepts ES256");
    }

    @Test
    void aWeakKeyAtAUrlIsRefused() throws Exception {
        RSAKey weak = new RSAKey.Builder(Keys.rsa(1024)).keyID("weak").build();
        content = set(weak, FIRST);
        KeySource source = source(CALM);

        assertRefused(source, Keys.sign("{\"alg\":\"RS256\",\"kid\":\"weak\"}", "{}", Keys.RSA),
                "this hub cannot check the token: the RSA key has 1024 bits; it needs at least 2048");
        check(source, Keys.token(JWSAlgorithm.ES256, FIRST));
        check(source, Keys.sign("{\"alg\":\"ES256\"}", "{}", FIRST));
    }

    @Test
    void theAlgorithmOfAKeyIsTheOnlyOneThatIsAccepted() throws Exception {
        content = set(new RSAKey.Builder(RSA).algorithm(JWSAlgorithm.PS384).build());
        KeySource source = source(CALM);

        check(source, Keys.token(JWSAlgorithm.PS384, RSA));
        assertRefused(source, Keys.token(JWSAlgorithm.RS256, RSA), "the token is signed with RS256; this hub accepts PS384");
        KeySource other = source(url(), Optional.of(JWSAlgorithm.RS256), CALM);
        assertRefused(other, Keys.token(JWSAlgorithm.PS384, RSA), otherAlgorithm("RS256"));
        assertRefused(other, Keys.token(JWSAlgorithm.RS256, RSA), otherAlgorithm("RS256"));
    }

    static Stream<JWK> keysForOtherPurposes() {
        return Stream.of(new RSAKey.Builder(RSA).keyUse(KeyUse.ENCRYPTION).build(),
                new RSAKey.Builder(RSA).keyOperations(Set.of(KeyOperation.ENCRYPT)).build(),
                new RSAKey.Builder(RSA).keyOperations(Set.of(KeyOperation.SIGN)).build(),
                new RSAKey.Builder(RSA).keyOperations(Set.of()).build(),
                new RSAKey.Builder(RSA).algorithm(new Algorithm("RSA-OAEP-256")).build(),
                new RSAKey.Builder(RSA).algorithm(JWSAlgorithm.HS256).build(),
                new RSAKey.Builder(RSA).algorithm(JWSAlgorithm.ES256).build());
    }

    /** RFC 7517, 4.2 to 4.4. */
    @ParameterizedTest
    @MethodSource("keysForOtherPurposes")
    void aKeyForAnotherPurposeIsIgnored(JWK key) throws Exception {
        content = set(key, FIRST);
        assertRefused(source(CALM), Keys.token(JWSAlgorithm.RS256, RSA), UNKNOWN);
        Path file = Files.writeString(folder.resolve("keys"), content);
        JwtAuthorizer authorizer = authorizer(file.toString());
        assertThatExceptionOfType(InvalidTokenException.class)
                .isThrownBy(() -> authorizer.publisher(Keys.token(JWSAlgorithm.RS256, RSA))).withMessage(UNKNOWN);
    }

    @Test
    void theConfiguredAlgorithmAppliesToKeysWithoutOne() throws Exception {
        content = set(RSA, FIRST);
        KeySource source = source(url(), Optional.of(JWSAlgorithm.PS256), CALM);

        check(source, Keys.token(JWSAlgorithm.PS256, RSA));
        assertRefused(source, Keys.token(JWSAlgorithm.ES256, FIRST), otherAlgorithm("PS256"));
        assertRefused(source, Keys.token(JWSAlgorithm.ES256, SECOND), UNKNOWN);
    }

    private static String otherAlgorithm(String configured) {
        return "the token is signed with a key for another algorithm than the configured one; this hub accepts "
                + configured;
    }

    @Test
    void aTokenWithoutAKidMayBeSignedWithAnyKey() throws Exception {
        content = set(FIRST, SECOND);
        KeySource source = source(CALM);

        check(source, Keys.sign("{\"alg\":\"ES256\"}", "{}", SECOND));
        check(source, Keys.sign("{\"alg\":\"ES256\"}", "{}", FIRST));
        assertRefused(source, Keys.sign("{\"alg\":\"ES256\"}", "{}", Keys.ec(Curve.P_256)),
                "the signature of the token is not valid, or made with another key");
    }

    @ParameterizedTest
    @CsvSource({"http://example.com/keys, 1", "HTTP://EXAMPLE.COM/keys, 1", "http://10.0.0.1:90/keys?a=b, 1",
            "http://127.0.0.1.example.com/, 1", "http://me:hidden@example.com/?hidden, 1", "https://example.com/keys, 0",
            "http://127.1.2.3/, 0", "http://[::1]:90/, 0", "http://localhost:90/, 0", "http://LOCALHOST/, 0"})
    void plainHttpAcrossANetworkIsLoggedOnce(String where, int warnings) {
        authorizer(where);
        assertThat(log.all()).hasSize(warnings)
                .allSatisfy(line -> assertThat(line).contains("over plain http").doesNotContain("hidden", "?"));
    }

    @Test
    void theQueryOfAUrlIsNotLogged() throws Exception {
        status = 404;
        KeySource source = source(url() + "?hidden", Optional.empty(), CALM);
        assertUnavailable(source, Keys.token(JWSAlgorithm.ES256, FIRST));
        assertThat(log.all()).hasSize(1).allSatisfy(line -> assertThat(line).contains(url()).doesNotContain("hidden"));
    }

    @Test
    void aFileIsReadAgainWhenItChanges() throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), set(FIRST));
        JwtAuthorizer authorizer = watching(file);
        String second = Keys.token(JWSAlgorithm.ES256, SECOND);
        assertThatExceptionOfType(InvalidTokenException.class).isThrownBy(() -> authorizer.publisher(second))
                .withMessage(UNKNOWN);

        replace(file, set(FIRST, SECOND));
        await().ignoreExceptionsInstanceOf(InvalidTokenException.class).untilAsserted(() -> authorizer.publisher(second));
        assertThat(authorizer.publisher(Keys.token(JWSAlgorithm.ES256, FIRST)).subject()).isEmpty();
    }

    /** A script may replace a key within one tick of the file system's clock. */
    @Test
    void aFileIsReadAgainEvenIfItsSizeAndTimeAreTheSame() throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), set(FIRST));
        FileTime time = Files.getLastModifiedTime(file);
        JwtAuthorizer authorizer = watching(file);
        String second = Keys.token(JWSAlgorithm.ES256, named(SECOND, "other"));
        assertThat(set(named(SECOND, "other"))).hasSameSizeAs(set(FIRST));

        replace(file, set(named(SECOND, "other")));
        Files.setLastModifiedTime(file, time);
        await().atMost(Duration.ofSeconds(3)).ignoreExceptionsInstanceOf(InvalidTokenException.class)
                .untilAsserted(() -> authorizer.publisher(second));
        assertThatExceptionOfType(InvalidTokenException.class)
                .isThrownBy(() -> authorizer.publisher(Keys.token(JWSAlgorithm.ES256, FIRST))).withMessage(UNKNOWN);
    }

    @Test
    void aHalfWrittenFileChangesNothing() throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), set(FIRST));
        JwtAuthorizer authorizer = watching(file);
        String first = Keys.token(JWSAlgorithm.ES256, FIRST);
        String written = set(FIRST, SECOND);

        replace(file, written.substring(0, written.length() / 2));
        await().untilAsserted(() -> {
            authorizer.publisher(first);
            assertThat(log.all()).hasSize(1);
        });
        replace(file, written);
        await().ignoreExceptionsInstanceOf(InvalidTokenException.class)
                .untilAsserted(() -> authorizer.publisher(Keys.token(JWSAlgorithm.ES256, SECOND)));
        authorizer.publisher(first);
    }

    @Test
    void theThreadThatWatchesAFileEndsWithTheAuthorizer() throws Exception {
        JwtAuthorizer authorizer = authorizer(Files.writeString(folder.resolve("keys"), set(FIRST)).toString());
        assertThat(watchers()).isEqualTo(1);
        authorizer.close();
        authorizer.close();
        assertThat(watchers()).isZero();
    }

    private static long watchers() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals("jwks-file")).count();
    }

    @Test
    void aFileThatBreaksIsLoggedOnceAndItsKeysStayInUse() throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), set(FIRST));
        JwtAuthorizer authorizer = watching(file);
        String first = Keys.token(JWSAlgorithm.ES256, FIRST);
        String second = Keys.token(JWSAlgorithm.ES256, SECOND);

        replace(file, "{\"keys\":{\"kty\":\"oct\",\"k\":\"" + Keys.SECRET + "\"}}");
        await().untilAsserted(() -> {
            authorizer.publisher(first);
            assertThat(log.all()).hasSize(1);
        });
        Files.delete(file);
        await().untilAsserted(() -> {
            authorizer.publisher(first);
            assertThat(log.all()).hasSize(2);
        });
        replace(file, set(SECOND));
        await().ignoreExceptionsInstanceOf(InvalidTokenException.class).untilAsserted(() -> authorizer.publisher(second));

        assertThat(log.all()).hasSize(3).last().isEqualTo("the keys for tokens in the file " + file + " have changed");
        assertThat(log.all().subList(0, 2)).allSatisfy(line -> assertThat(line)
                .startsWith("the known keys for tokens stay in use for PT4H at most: the file " + file)
                .doesNotContain(Keys.SECRET));
    }

    private static RSAKey weak() {
        return new RSAKey.Builder(Keys.rsa(1024)).keyID("weak").build();
    }

    private static String odd(JWK... keys) {
        return set(keys).replace("[", "[{\"kty\":\"RSA\",\"kid\":\"odd\",\"n\":5},");
    }

    private void assertRevoked(JwtAuthorizer authorizer, String token, Class<? extends Exception> refusal) {
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThatExceptionOfType(refusal).isThrownBy(() -> authorizer.publisher(token)));
    }

    private static String none(String place) {
        return place + " has no key that a token can be checked with; tokens get 503 until it has one";
    }

    @Test
    void aFileCanRevokeItsLastKey() throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), set(FIRST));
        JwtAuthorizer authorizer = watching(file);
        String first = Keys.token(JWSAlgorithm.ES256, FIRST);
        authorizer.publisher(first);

        replace(file, "{\"keys\":[]}");
        assertRevoked(authorizer, first, KeysUnavailableException.class);
        await().untilAsserted(() -> assertThat(log.all()).hasSize(2).last().isEqualTo(none("the file " + file)));
        replace(file, set(weak()));
        await().untilAsserted(() -> assertThat(log.all()).hasSize(5));
        assertRevoked(authorizer, first, KeysUnavailableException.class);
        replace(file, set(FIRST));
        await().ignoreExceptionsInstanceOf(KeysUnavailableException.class).untilAsserted(() -> authorizer.publisher(first));
    }

    @Test
    void aBrokenKeyInAFileDoesNotSpoilTheOthers() throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), odd(FIRST));
        JwtAuthorizer authorizer = watching(file);
        String first = Keys.token(JWSAlgorithm.ES256, FIRST);
        authorizer.publisher(first);
        String left = "these keys for tokens in the file " + file + " are ignored: 'odd' (it is not a key as RFC 7517 defines "
                + "it, or not of a kind that is supported)";
        assertThat(log.all()).containsExactly(left);

        replace(file, odd(SECOND, weak()));
        assertRevoked(authorizer, first, InvalidTokenException.class);
        authorizer.publisher(Keys.token(JWSAlgorithm.ES256, SECOND));
        await().untilAsserted(() -> assertThat(log.all()).hasSize(3).last()
                .isEqualTo(left + ", 'weak' (the RSA key has 1024 bits; it needs at least 2048)"));
        assertThatExceptionOfType(InvalidTokenException.class)
                .isThrownBy(() -> authorizer.publisher(Keys.sign("{\"alg\":\"RS256\",\"kid\":\"weak\"}", "{}", Keys.RSA)))
                .withMessage("this hub cannot check the token: the RSA key has 1024 bits; it needs at least 2048");
    }

    /** Only the elements that are no keys are left out, in a file and at a URL. */
    @ParameterizedTest
    @ValueSource(strings = {"null", "5", "\"text\"", "[]", "[null]", "true", "null,null"})
    void anElementThatIsNoKeyDoesNotSpoilTheOthers(String element) throws Exception {
        content = set(FIRST).replace("[", "[" + element + ",");
        check(source(CALM), Keys.token(JWSAlgorithm.ES256, FIRST));
        assertThat(log.all()).singleElement().asString().contains("are ignored: one without a kid (it is not a key as RFC 7517");
    }

    static Stream<Arguments> outages() {
        return Stream.of(Arguments.of("the file ", Outage.of(_ -> {})),
                Arguments.of("the file ", Outage.of(Files::createDirectory)),
                Arguments.of("the file ", Outage.of(file -> Files.writeString(file, "{\"keys\":["))),
                Arguments.of("the file ", Outage.of(JwksTest::pipe)));
    }

    @FunctionalInterface
    private interface Outage {
        void put(Path file) throws Exception;

        static Outage of(Outage outage) {
            return outage;
        }
    }

    private static void pipe(Path file) throws Exception {
        assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
    }

    @ParameterizedTest
    @MethodSource("outages")
    void theKeysOfAMissingFileStayInUse(String reason, Outage outage) throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), set(FIRST));
        JwtAuthorizer authorizer = watching(file);
        Files.delete(file);
        outage.put(file);
        await().untilAsserted(() -> assertThat(log.all()).isNotEmpty());
        authorizer.publisher(Keys.token(JWSAlgorithm.ES256, FIRST));
        assertThat(log.all()).allSatisfy(line -> assertThat(line)
                .startsWith("the known keys for tokens stay in use for PT4H at most: " + reason + file));
    }

    @ParameterizedTest
    @MethodSource("outages")
    void tokensGet503WhenTheOutageOfAFileIsTooLong(String reason, Outage outage) throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), set(FIRST));
        KeySource source = toBeClosed(Jwks.in(file, Optional.empty(),
                new Jwks.Pace(Duration.ZERO, Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ZERO)));
        String first = Keys.token(JWSAlgorithm.ES256, FIRST);
        Files.delete(file);
        outage.put(file);
        await().untilAsserted(() -> assertThat(log.all()).isNotEmpty().last().asString()
                .startsWith("tokens get 503 until there are keys to check them with: " + reason + file));
        assertThatExceptionOfType(KeysUnavailableException.class).isThrownBy(() -> check(source, first))
                .withMessage("the keys to check tokens with cannot be read at this moment");

        Files.deleteIfExists(file);
        replace(file, set(FIRST));
        await().untilAsserted(() -> assertThat(log.all()).last()
                .isEqualTo("the keys for tokens are available again from the file " + file));
        await().ignoreExceptionsInstanceOf(KeysUnavailableException.class).untilAsserted(() -> check(source, first));
    }

    @Test
    void aLinkToAFileIsReadAndAPipeIsRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), set(FIRST));
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        authorizer(link.toString()).publisher(Keys.token(JWSAlgorithm.ES256, FIRST));
        Path pipe = folder.resolve("pipe");
        pipe(pipe);
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> authorizer(pipe.toString()))
                .withMessage("sse-hub.auth.jwks: the file " + pipe + " cannot be read: it is not a regular file"));
    }

    /** Publishers and subscribers may share a source: closing waits for a thread that hangs, and logs it, once. */
    @Test
    void closingTwiceWaitsAndLogsOnce() throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), set(FIRST));
        JwtAuthorizer authorizer = watching(file);
        CountDownLatch stuck = new CountDownLatch(1);
        try {
            log.onEach(() -> {
                if (Thread.currentThread().getName().equals("jwks-file")) {
                    awaitQuietly(stuck);
                }
            });
            Files.delete(file);
            await().untilAsserted(() -> assertThat(log.all()).hasSize(1));
            authorizer.close();
            assertThat(log.all()).hasSize(2).last().isEqualTo("jwks-file does not end; it is abandoned");
        } finally {
            stuck.countDown();
        }
    }

    @Test
    void theMessageNamesTheConfiguredAlgorithm() throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), set(FIRST, RSA));
        JwtAuthorizer authorizer = toBeClosed(Keys.authorizer(
                new KeySettings(Optional.of("ES256"), Optional.empty(), Optional.empty(), Optional.of(file.toString()))));
        assertThatExceptionOfType(InvalidTokenException.class)
                .isThrownBy(() -> authorizer.publisher(Keys.token(JWSAlgorithm.RS256, RSA))).withMessage(otherAlgorithm("ES256"));
    }

    @Test
    void aFileMayHoldSecrets() throws Exception {
        OctetSequenceKey secret = new OctetSequenceKey.Builder(Keys.HMAC).keyID("secret").algorithm(JWSAlgorithm.HS512).build();
        Path file = Files.writeString(folder.resolve("keys"), new JWKSet(secret).toString(false));
        JwtAuthorizer authorizer = watching(file);

        assertThat(authorizer.publisher(Keys.token(JWSAlgorithm.HS512, secret)).grant().mayPublish("a")).isTrue();
        assertThatExceptionOfType(InvalidTokenException.class)
                .isThrownBy(() -> authorizer.publisher(Keys.token(JWSAlgorithm.HS256, secret)))
                .withMessage("the token is signed with HS256; this hub accepts HS512");
    }

    private static Set<String> thumbprints(JWK... keys) throws Exception {
        Set<String> thumbprints = new HashSet<>();
        for (JWK key : keys) {
            thumbprints.add(key.computeThumbprint().toString());
        }
        return thumbprints;
    }

    @Test
    void aTokenNamesTheKeyThatVerifiedIt() throws Exception {
        content = set(FIRST, RSA, SECOND);
        KeySource source = source(CALM);

        assertThat(thumbprints(SECOND))
                .containsExactly(Keys.check(source, Keys.token(JWSAlgorithm.ES256, SECOND)).keyThumbprint());
        String unnamed = Keys.sign("{\"alg\":\"ES256\"}", "{}", SECOND);
        assertThat(thumbprints(SECOND)).containsExactly(Keys.check(source, unnamed).keyThumbprint());
        assertThat(thumbprints(Keys.HMAC)).containsExactly(Keys.authorizer(Keys.key(Keys.SECRET))
                .publisher(Keys.token(JWSAlgorithm.HS256, Keys.HMAC)).keyThumbprint());
    }

    @Test
    void listenersLearnOfAChangedFileWithoutAToken() throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), set(FIRST, SECOND));
        KeySource source = toBeClosed(Jwks.in(file, Optional.empty(), ATTENTIVE));
        AtomicReference<Set<String>> told = new AtomicReference<>();
        source.onChange(told::set);
        await().untilAtomic(told, equalTo(thumbprints(FIRST, SECOND))); // the set may have changed before

        replace(file, set(SECOND));
        await().untilAtomic(told, equalTo(thumbprints(SECOND)));
        replace(file, set());
        await().untilAtomic(told, equalTo(Set.of()));
    }

    /** The keys change during an outage. */
    @Test
    void listenersLearnOfAChangedUrlWithoutAToken() throws Exception {
        content = set(FIRST);
        KeySource source = source(HECTIC);
        check(source, Keys.token(JWSAlgorithm.ES256, FIRST));
        AtomicReference<Set<String>> told = new AtomicReference<>();
        source.onChange(told::set);
        await().untilAtomic(told, equalTo(thumbprints(FIRST)));
        status = 503;
        await().untilAsserted(() -> assertThat(log.all()).hasSize(1));
        assertThat(told).hasValue(thumbprints(FIRST));

        content = set(SECOND);
        status = 200;
        await().untilAtomic(told, equalTo(thumbprints(SECOND)));
        source.close();
    }
}
