package dev.ssehub.hub;

import module java.base;
import dev.ssehub.history.HistoryUnavailableException;
import java.lang.System.Logger.Level;

/**
 * Publishes the hub's own updates about subscriptions. If the history cannot take an update now, its sender is called again later,
 * and the calling thread does not wait for that. Any thread may call.
 */
public final class Outbox {
    // During an outage, one virtual thread tries for all senders. It ends with the outage, or at most one pause after the hub.

    private static final System.Logger LOG = System.getLogger(Outbox.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Hub hub;
    private final Set<Sender> waiting = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean retrying = new AtomicBoolean();

    /** Has updates to publish. It is called again until its latest updates are published. */
    public interface Sender {
        /**
         * Publishes what was not published yet.
         *
         * @throws HistoryUnavailableException if the history cannot take an update now; the next call continues with it
         */
        void send();

        /** Returns whether there can be something to publish. */
        boolean isNeeded();
    }

    public Outbox(Hub hub) {
        this.hub = hub;
    }

    /** Lets a sender publish, now or when the outage is over. */
    public void send(Sender sender) {
        if (retrying.get() || !isSent(sender)) {
            retryLater(sender);
        }
    }

    private void retryLater(Sender sender) {
        if (!sender.isNeeded()) {
            waiting.remove(sender);
            return;
        }
        waiting.add(sender);
        if (!retrying.getAndSet(true)) {
            Thread.ofVirtual().name("subscriptions-retry").start(this::retry);
        }
    }

    private boolean isSent(Sender sender) {
        try {
            sender.send();
            return true;
        } catch (HistoryUnavailableException e) {
            return false;
        } catch (HubClosedException e) {
            return true; // every subscription ends with the hub, and nobody is left to receive the update
        }
    }

    private void retry() {
        boolean told = false;
        try {
            while (!sendWaiting()) {
                if (!told) {
                    LOG.log(Level.WARNING, "the updates about subscriptions wait: the history cannot take them");
                    told = true;
                }
                Thread.sleep(PAUSE);
            }
            if (told && !hub.isClosed()) {
                LOG.log(Level.INFO, "the updates about subscriptions are published again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            retrying.set(false);
        }
        waiting.forEach(this::retryLater); // senders that have come after the last look
    }

    private boolean sendWaiting() {
        Iterator<Sender> senders = waiting.iterator();
        while (senders.hasNext()) {
            Sender sender = senders.next();
            senders.remove(); // before it publishes, so that a change meanwhile adds it again
            if (!isSent(sender)) {
                waiting.add(sender);
                return false;
            }
        }
        return true;
    }
}
