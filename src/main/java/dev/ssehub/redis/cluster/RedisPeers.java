package dev.ssehub.redis.cluster;

import module java.base;
import dev.ssehub.cluster.Peers;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.Script;
import dev.ssehub.thread.Turns;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.SetParams;

/** Asks the other nodes, and answers them, through lists in Redis. Thread-safe. */
final class RedisPeers implements Peers, AutoCloseable {
    // Each node has an inbox. A node that asks puts the question under a key of its own, and tells the inboxes of the others. They put
    // their answers into the inbox of the node that asks.
    //
    // Two threads talk to Redis: one takes messages from the inbox of this node, and one sends questions, and computes
    // and sends answers. A thread that asks never talks to Redis itself. It only waits, so Redis cannot delay it beyond
    // the limit.
    //
    // There are limits for the questions of this node that are under way, for the tasks that wait for the sending
    // thread, and for the messages in an inbox and their bytes. All keys expire. So a node that is gone leaves nothing
    // behind, and a node that was frozen does not answer old questions when it continues.

    private static final System.Logger LOG = System.getLogger(RedisPeers.class.getName());
    private static final int MAX_QUESTIONS = 8;
    private static final int MAX_TASKS = 32;
    private static final int MAX_MESSAGES = 1_000;
    private static final int MAX_BYTES = 16 << 20;
    private static final Script TELL = Script.beside(RedisPeers.class, "tell.lua");

    private final Redis redis;
    private final String node;
    private final Duration limit;
    private final Map<String, PendingQuestion> questions = new ConcurrentHashMap<>();
    private final Semaphore places = new Semaphore(MAX_QUESTIONS);
    private final ThreadPoolExecutor sender = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_TASKS), Thread.ofVirtual().name("cluster-outbox").factory());
    private final Inbox inbox;
    /** The nodes that were alive when Redis was last reached. */
    private volatile List<String> known = List.of();
    private volatile @Nullable UnaryOperator<String> answerer;

    /**
     * Starts the threads.
     *
     * @param node the name of this node
     * @param nodes returns the names of all nodes that are alive; may block on Redis
     * @param limit how long a question waits for answers
     */
    RedisPeers(Redis redis, String node, Supplier<List<String>> nodes, Duration limit) {
        this.redis = redis;
        this.node = node;
        this.limit = limit;
        this.inbox = new Inbox(redis, node, () -> known = List.copyOf(nodes.get()), this::receive);
    }

    @Override
    public void answerWith(UnaryOperator<String> answer) {
        answerer = answer;
    }

    @Override
    public List<String> others() {
        return known.stream().filter(name -> !name.equals(node)).sorted().toList();
    }

    @Override
    public Replies ask(Collection<String> nodes, String text) {
        if (nodes.isEmpty()) {
            return Replies.NONE;
        }
        PendingQuestion question = new PendingQuestion(nodes, limit);
        if (!places.tryAcquire()) {
            question.fail("the node " + node + " asks too many questions at this moment");
            return question.answers();
        }
        String id = UUID.randomUUID().toString();
        questions.put(id, question);
        try {
            run(() -> send(question, id, nodes, text),
                    () -> question.fail("the node " + node + " has too much to do at this moment"));
            Turns.withoutTurn(question::await);
            return question.answers();
        } finally {
            questions.remove(id);
            places.release();
        }
    }

    private void run(Runnable task, Runnable refused) {
        try {
            sender.execute(task);
        } catch (RejectedExecutionException _) {
            refused.run();
        }
    }

    private String questionKey(String id) {
        return redis.key("question:" + id);
    }

    private void send(PendingQuestion question, String id, Collection<String> nodes, String text) {
        long millis = question.remainingMillis();
        if (millis == 0) {
            return;
        }
        try {
            redis.client().set(questionKey(id), text, SetParams.setParams().px(millis));
            send(nodes, new Message(Message.Kind.QUESTION, id, node, ""));
        } catch (JedisException e) {
            question.fail("the node " + node + " cannot ask it: " + Redis.reason(e));
        }
    }

    private void send(Collection<String> to, Message message) {
        redis.runText(TELL, to.stream().map(name -> Inbox.key(redis, name)).toList(),
                List.of(message.toString(), Integer.toString(MAX_MESSAGES), Integer.toString(MAX_BYTES),
                        Long.toString(limit.toMillis())));
    }

    private void receive(Message message) {
        switch (message.kind()) {
            case ANSWER -> Optional.ofNullable(questions.get(message.id()))
                    .ifPresent(question -> question.answered(message.from(), message.text()));
            case QUESTION -> run(() -> answer(message), () -> LOG.log(Level.DEBUG, () -> "too many questions to answer"));
        }
    }

    private void answer(Message question) {
        UnaryOperator<String> answer = answerer;
        if (answer == null) {
            return;
        }
        try {
            String text = redis.client().get(questionKey(question.id()));
            if (text != null) { // otherwise, the node that asks has stopped waiting
                send(List.of(question.from()), new Message(Message.Kind.ANSWER, question.id(), node, answer.apply(text)));
            }
        } catch (JedisException e) {
            if (sender.isShutdown()) {
                return;
            }
            LOG.log(Level.WARNING, "a question of the node " + question.from() + " is not answered: " + Redis.reason(e));
        }
    }

    /** Stops the threads. Questions under way get no further answers. Closing again does nothing. */
    @Override
    public void close() {
        inbox.close();
        sender.shutdownNow(); // this also ends what the thread waits for
        questions.values().forEach(question -> question.fail("the node " + node + " is stopping"));
    }
}
