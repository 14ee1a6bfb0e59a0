package dev.ssehub.redis.cluster;

import module java.base;
import dev.ssehub.cluster.Presence.Entry;
import dev.ssehub.cluster.Presence.Listener;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.Script;
import dev.ssehub.thread.PeriodicTask;
import java.lang.System.Logger.Level;

/** Tells the end of everything that a node has shown, after that node has left or died. Owns a thread. */
final class GoneNodes implements AutoCloseable {
    // The nodes that are gone are in a set (Members), and their entries are in no list any more. The first node that
    // claims a gone node tells the end of its entries, batch by batch, and removes each batch that it has told. The
    // claim expires unless it is renewed. So if the node with the claim dies, too, another one goes on, and may tell
    // one batch again. A node that cannot tell gives its claim up.

    private static final System.Logger LOG = System.getLogger(GoneNodes.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int BATCH = 200;

    private static final Script CLAIM = Script.beside(GoneNodes.class, "claim.lua");
    private static final Script REMOVE = Script.beside(GoneNodes.class, "remove.lua");

    private final Redis redis;
    private final Keys keys;
    private final String node;
    private final Duration claim;
    private final Listener listener;
    private final Repeated telling = new Repeated("cluster-gone", this::tellAll);
    private Optional<PeriodicTask> task = Optional.empty();

    /** @param claim how long a claim lasts unless it is renewed */
    GoneNodes(Redis redis, String node, Duration claim, Listener listener) {
        this.redis = redis;
        this.keys = new Keys(redis);
        this.node = node;
        this.claim = claim;
        this.listener = listener;
    }

    void start() {
        task = Optional.of(PeriodicTask.start("cluster-gone", PAUSE, telling));
    }

    /** Tells the end of all gone nodes, except those that other nodes have claimed. Called by one thread. */
    void tellAll() {
        redis.client().smembers(keys.gone()).stream().filter(this::isClaimed).forEach(this::tell);
    }

    private boolean isClaimed(String gone) {
        return redis.runText(CLAIM, List.of(keys.gone(), keys.claim(gone)), List.of(node, gone, Long.toString(claim.toMillis())))
                .equals(1L);
    }

    private void tell(String gone) {
        int all = 0;
        boolean more = true;
        while (more) {
            List<String> members = redis.client().zrange(keys.shown(gone), 0, BATCH - 1);
            List<String> told = tell(members);
            all += told.size();
            boolean canTell = told.size() == members.size();
            List<String> arguments = new ArrayList<>(List.of(node, gone, Long.toString(canTell ? claim.toMillis() : 0)));
            arguments.addAll(told);
            more = redis.runText(REMOVE, List.of(keys.claim(gone), keys.shown(gone), keys.gone(), keys.marks()), arguments)
                    .equals(1L)
                    && canTell;
        }
        if (all > 0) {
            LOG.log(Level.INFO, "the node " + gone + " has left or died; this node told the end of " + all + " subscriptions");
        }
    }

    /**
     * Tells the end of all these entries at the same time, because each one waits for Redis. Returns those that were
     * told.
     */
    private List<String> tell(List<String> members) {
        Queue<String> told = new ConcurrentLinkedQueue<>();
        try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("gone-", 0).factory())) {
            for (String member : members) {
                threads.execute(() -> {
                    if (listener.ended(entry(member))) {
                        told.add(member);
                    }
                });
            }
        }
        return List.copyOf(told);
    }

    /** Returns the entry that a member of a sorted set stands for. A member that no node has written may have no text. */
    static Entry entry(String member) {
        String[] parts = member.split(" ", 2);
        return new Entry(parts[0], parts.length > 1 ? parts[1] : "");
    }

    /** Stops the thread. Closing again does nothing. */
    @Override
    public void close() {
        task.ifPresent(PeriodicTask::close);
    }
}
