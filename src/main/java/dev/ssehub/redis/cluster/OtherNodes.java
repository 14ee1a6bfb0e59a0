package dev.ssehub.redis.cluster;

import module java.base;
import dev.ssehub.cluster.ClusterUnavailableException;
import dev.ssehub.cluster.Presence.Entry;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.Script;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.ZRangeParams;

/** Reads what the other nodes show, one batch after another. For one thread. */
final class OtherNodes implements Iterator<Entry> {
    // Redis has everything that the nodes show, unless it has lost its data and the nodes are still writing it again.
    // Redis then does not know which nodes there were, so for some time after a loss, every list may lack something.
    // The epoch changes with a loss. A second look at it after the last batch tells whether the data was lost while
    // this node was reading.

    private static final int BATCH = 200;
    /** Comes after each character of an id, which is ASCII. */
    private static final char AFTER_ALL = '\u007F';

    private static final Script LOOK = Script.beside(OtherNodes.class, "look.lua");

    private final Redis redis;
    private final Keys keys;
    private final String prefix;
    private final Duration settling;
    private final String epoch;
    private final Queue<String> nodes = new ArrayDeque<>();
    private final Queue<String> batch = new ArrayDeque<>();
    /** Where the next batch of the first node begins. */
    private String from;

    /**
     * Finds out which other nodes there are. Blocks.
     *
     * @param settling how long the nodes may take to come back after Redis has lost its data
     * @throws ClusterUnavailableException if something may be missing
     */
    OtherNodes(Redis redis, String node, String prefix, Duration settling) {
        this.redis = redis;
        this.keys = new Keys(redis);
        this.prefix = prefix;
        this.settling = settling;
        this.from = "[" + prefix;
        List<?> answer = look();
        this.epoch = String.valueOf(answer.getFirst());
        for (int i = 2; i < answer.size(); i += 2) {
            nodes.add(String.valueOf(answer.get(i)));
        }
        nodes.remove(node);
    }

    private List<?> look() {
        List<?> answer = (List<?>) ask(() -> redis.runText(LOOK, List.of(keys.nodes(), keys.marks(), keys.epoch()), List.of()));
        boolean settled = (Long) answer.get(1) >= settling.toMillis();
        for (int i = 3; i < answer.size(); i += 2) {
            settled &= !String.valueOf(answer.get(i)).contains("rewriting");
        }
        if (!settled) {
            throw new ClusterUnavailableException("the nodes of the hub still tell each other what they know", null);
        }
        return answer;
    }

    @Override
    public boolean hasNext() {
        while (batch.isEmpty() && !nodes.isEmpty()) {
            read(nodes.element());
        }
        return !batch.isEmpty();
    }

    private void read(String node) {
        List<String> members = ask(() -> redis.client().zrange(keys.shown(node),
                ZRangeParams.zrangeByLexParams(from, "(" + prefix + AFTER_ALL).limit(0, BATCH)));
        batch.addAll(members);
        if (members.size() == BATCH) {
            from = "(" + members.getLast();
            return;
        }
        nodes.remove();
        from = "[" + prefix;
        if (nodes.isEmpty() && !epoch.equals(look().getFirst())) {
            throw new ClusterUnavailableException("Redis has lost what the nodes of the hub know of each other", null);
        }
    }

    @Override
    public Entry next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return GoneNodes.entry(batch.remove());
    }

    private static <T> T ask(Supplier<T> command) {
        try {
            return command.get();
        } catch (JedisException e) {
            throw new ClusterUnavailableException("the hub cannot ask its other nodes now: Redis does not answer", e);
        }
    }
}
