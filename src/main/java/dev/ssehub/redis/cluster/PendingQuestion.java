package dev.ssehub.redis.cluster;

import module java.base;
import dev.ssehub.cluster.Peers;

/** A question of this node that is under way, and the answers so far. Thread-safe. */
final class PendingQuestion {
    private final Set<String> nodes;
    private final long limitNanos;
    private final long startNanos = System.nanoTime();
    private final SortedMap<String, String> answers = new TreeMap<>();
    /** Why the nodes whose answers are missing have not answered. */
    private String obstacle;
    private boolean isOver;

    PendingQuestion(Collection<String> nodes, Duration limit) {
        this.nodes = Set.copyOf(nodes);
        this.limitNanos = limit.toNanos();
        this.obstacle = "it has not answered within "
                + BigDecimal.valueOf(limit.toMillis(), 3).stripTrailingZeros().toPlainString()
                + " seconds";
    }

    /** Returns how much of the time limit is left, in milliseconds, or 0 if no answer is awaited any more. */
    synchronized long remainingMillis() {
        return isOver ? 0 : TimeUnit.NANOSECONDS.toMillis(Math.max(0, limitNanos - (System.nanoTime() - startNanos)));
    }

    /** Takes an answer. Does nothing if the node was not asked. */
    synchronized void answered(String node, String text) {
        if (nodes.contains(node)) {
            answers.put(node, text);
            if (answers.size() == nodes.size()) {
                end();
            }
        }
    }

    /** Ends the question, because no further answers can come. */
    synchronized void fail(String reason) {
        if (!isOver) {
            obstacle = reason;
            end();
        }
    }

    private synchronized void end() {
        isOver = true;
        notifyAll();
    }

    /** Blocks until all nodes have answered, the time is over, the question fails, or the thread is interrupted. */
    synchronized void await() {
        try {
            for (long millis = remainingMillis(); millis > 0; millis = remainingMillis()) {
                wait(millis);
            }
        } catch (InterruptedException e) {
            fail("the wait for its answer was interrupted");
            Thread.currentThread().interrupt();
        }
        isOver = true;
    }

    /** Returns the answers, and the nodes that have not answered. */
    synchronized Peers.Replies answers() {
        SortedMap<String, String> missing = new TreeMap<>();
        nodes.stream().filter(node -> !answers.containsKey(node)).forEach(node -> missing.put(node, obstacle));
        return new Peers.Replies(new TreeMap<>(answers), missing);
    }
}
