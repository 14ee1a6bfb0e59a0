package dev.ssehub.redis.cluster;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.cluster.Peers;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisServer;
import dev.ssehub.redis.RedisSettings;
import dev.ssehub.redis.Script;
import dev.ssehub.server.LogCapture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Questions between nodes, with a real Redis. */
class RedisPeersTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final AtomicInteger TESTS = new AtomicInteger();

    private static RedisServer server;

    private final String prefix = "peers-test-" + TESTS.incrementAndGet();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void startRedis() throws IOException {
        server = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        server.close();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
    }

    private Redis redis() {
        Redis redis = new Redis(server.settings(prefix, LONG));
        opened.add(redis);
        return redis;
    }

    /** Opens a node that answers with its name and the question. */
    private RedisPeers open(String name, Duration limit) {
        return open(name, limit, question -> name + ": " + question);
    }

    private RedisPeers open(String name, Duration limit, UnaryOperator<String> answer) {
        RedisPeers peers = new RedisPeers(redis(), name, () -> List.of("c", "b", "a"), limit);
        peers.answerWith(answer);
        opened.add(peers);
        return peers;
    }

    private static void awaitAnswer(RedisPeers from, String to) {
        await().atMost(LONG).until(() -> from.ask(List.of(to), "?").byNode().containsKey(to));
    }

    @Test
    void everyNodeAnswersEveryOther() {
        RedisPeers a = open("a", LONG);
        RedisPeers b = open("b", LONG);
        RedisPeers c = open("c", LONG);

        await().atMost(LONG).until(() -> a.others().equals(List.of("b", "c")));
        assertThat(a.ask(a.others(), "x\ny\u00e4")).isEqualTo(answers(Map.of("b", "b: x\ny\u00e4", "c", "c: x\ny\u00e4")));
        assertThat(b.ask(List.of("c"), "")).isEqualTo(answers(Map.of("c", "c: ")));
        assertThat(c.ask(List.of("a", "b"), "z").byNode()).containsOnlyKeys("a", "b");
        assertThat(a.ask(List.of(), "nobody")).isEqualTo(Peers.Replies.NONE);
        String longText = "\u20ac".repeat(Peers.MAX_TEXT - 3);
        assertThat(a.ask(List.of("b"), longText).byNode()).containsExactly(Map.entry("b", "b: " + longText));
    }

    private static Peers.Replies answers(Map<String, String> byNode) {
        return new Peers.Replies(new TreeMap<>(byNode), new TreeMap<>());
    }

    @Test
    void aNodeThatIsGoneIsMissingAndItsQuestionsExpire() {
        RedisPeers a = open("a", SHORT);
        open("b", LONG);

        awaitAnswer(a, "b");
        Peers.Replies answers = a.ask(List.of("b", "c"), "x");
        assertThat(answers.missing()).containsEntry("c", "it has not answered within 0.2 seconds");
        Redis redis = redis();
        await().atMost(LONG).until(() -> redis.client().keys(redis.key("*")).isEmpty());
    }

    @Test
    void anOldQuestionAndAForeignMessageHaveNoEffect() {
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        RedisPeers a = open("a", LONG);
        open("b", LONG, question -> {
            heard.add(question);
            return "";
        });
        Redis redis = redis();
        for (String message : List.of("", "2\nQUESTION\nid\na\n", "1\nWISH\nid\na\n", "1\nANSWER\nid\na\n",
                new Message(Message.Kind.QUESTION, "expired", "a", "").toString())) {
            redis.client().rpush(Inbox.key(redis, "b"), message);
        }
        assertThat(a.ask(List.of("b"), "new").byNode()).containsKey("b");
        assertThat(heard).containsExactly("new");
    }

    /** The inbox of a node that is frozen grows until the node counts as dead. */
    @Test
    void anInboxThatIsTooLargeLosesItsOldestMessages() {
        Redis redis = redis();
        String inbox = redis.key("inbox");
        Script tell = Script.beside(RedisPeers.class, "tell.lua");
        BiFunction<String, Integer, List<String>> send = (message, maxBytes) -> {
            redis.runText(tell, List.of(inbox), List.of(message, "3", Integer.toString(maxBytes), "20000"));
            return redis.client().lrange(inbox, 0, -1);
        };
        assertThat(send.apply("aaa", 10)).containsExactly("aaa");
        assertThat(send.apply("bb", 10)).containsExactly("aaa", "bb");
        assertThat(send.apply("ccccc", 10)).containsExactly("aaa", "bb", "ccccc");
        assertThat(send.apply("d", 10)).as("more than 3 messages").containsExactly("bb", "ccccc", "d");
        assertThat(send.apply("eeee", 10)).as("more than 10 bytes").containsExactly("ccccc", "d", "eeee");
        assertThat(send.apply("\u00e9\u00e9\u00e9", 10)).as("each of these letters has 2 bytes").containsExactly("eeee",
                "\u00e9\u00e9\u00e9");
        assertThat(send.apply("gggg", 2)).as("the newest is always kept").containsExactly("gggg");
    }

    @Test
    void onlySomeQuestionsAreUnderWayAtATime() throws Exception {
        RedisPeers a = open("a", LONG);
        CountDownLatch mayAnswer = new CountDownLatch(1);
        open("b", LONG, question -> {
            try {
                mayAnswer.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return question;
        });
        try (ExecutorService askers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Peers.Replies>> questions = IntStream.range(0, 20)
                    .mapToObj(number -> askers.submit(() -> a.ask(List.of("b"), "" + number))).toList();
            await().atMost(LONG).until(() -> questions.stream().filter(Future::isDone).count() == 12);
            assertThat(questions.stream().filter(Future::isDone))
                    .allSatisfy(question -> assertThat(question.resultNow().missing())
                            .containsEntry("b", "the node a asks too many questions at this moment"));
            mayAnswer.countDown();
            assertThat(questions.stream().filter(question -> answer(question).containsKey("b"))).hasSize(8);
        }
    }

    private static Map<String, String> answer(Future<Peers.Replies> question) {
        try {
            return question.get().byNode();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aFrozenRedisDelaysNobodyBeyondTheLimit() throws Exception {
        RedisPeers a = open("a", SHORT);
        open("b", LONG);
        awaitAnswer(a, "b");
        server.freeze(true);
        try {
            for (int i = 0; i < 3; i++) {
                long start = System.nanoTime();
                assertThat(a.ask(List.of("b", "c"), "x").missing()).containsOnlyKeys("b", "c");
                assertThat(Duration.ofNanos(System.nanoTime() - start)).as("less than Redis may take").isLessThan(LONG);
            }
        } finally {
            server.freeze(false);
        }
        awaitAnswer(a, "b");
    }

    @Test
    void aRedisThatWasKilledIsFoundAgain() throws Exception {
        RedisPeers a = open("a", Duration.ofSeconds(5));
        open("b", LONG);
        awaitAnswer(a, "b");
        try (LogCapture log = new LogCapture()) {
            server.kill();
            assertThat(a.ask(List.of("b"), "x").missing().get("b")).startsWith("the node a cannot ask it: ");
            await().atMost(LONG).until(() -> log.warnings().stream()
                    .filter(line -> line.startsWith("cluster-inbox has an error with Redis and will try again: ")).count() == 2);
        } finally {
            server.restart();
        }
        awaitAnswer(a, "b");
    }

    @Test
    void closesAtOnceAndAgain() {
        RedisPeers a = open("a", LONG);
        try (ExecutorService asker = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Peers.Replies> question = asker.submit(() -> a.ask(List.of("b"), "x"));
            Redis redis = redis();
            await().atMost(LONG).until(() -> redis.client().exists(Inbox.key(redis, "b")));
            a.close();
            a.close();
            assertThat(answer(question)).isEmpty();
            assertThat(question.resultNow().missing()).containsEntry("b", "the node a is stopping");
            assertThat(a.ask(List.of("b"), "x").missing()).containsOnlyKeys("b");
        }
    }
}
