package dev.ssehub;

import module java.base;
import dev.ssehub.auth.AnonymousAuthorizer;
import dev.ssehub.auth.Authorizer;
import dev.ssehub.auth.JwtAuthorizer;
import dev.ssehub.auth.KeysUnavailableException;
import dev.ssehub.config.ConfigChanges;
import dev.ssehub.config.HubConfig;
import dev.ssehub.config.StartupException;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.metrics.Meters;
import dev.ssehub.server.HubServer;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** The configuration that is in effect, which a reload replaces, and the keys for tokens that belong to it. Thread-safe. */
final class LiveConfig implements AutoCloseable {
    // A reload first does everything that can fail: it reads the file and opens the keys. Then it applies the new values one after
    // another. Only one reload runs at a time. Whatever a running hub cannot change stays as it was at the start. A reload may wait
    // for a server that has the keys, or for the file, which can be on a server or be a pipe. A hub that stops waits for neither: it
    // closes the keys that are being opened, which ends the wait, and takes no lock.

    private static final System.Logger LOG = System.getLogger(LiveConfig.class.getName());
    private static final double MILLIS = 1e3;

    private final Supplier<HubConfig> source;
    private final Clock clock;
    private final HubConfig started;
    private volatile HubConfig current;
    private volatile Authorizer authorizer;
    /** The thumbprints of the keys that the tokens of subscribers were last known to be checked with. */
    private volatile Set<String> keys = Set.of();
    private volatile boolean wasApplied = true;
    private volatile Instant appliedAt;
    private volatile boolean closed;
    private volatile @Nullable Authorizer opening;

    /**
     * Opens the keys of the first configuration.
     *
     * @param source reads the configuration
     * @param clock decides when tokens become valid and expire
     * @throws StartupException if the configuration has a mistake, or a key cannot be used
     */
    LiveConfig(Supplier<HubConfig> source, Clock clock) {
        this.source = source;
        this.clock = clock;
        this.started = source.get();
        this.appliedAt = clock.instant();
        started.logging().apply();
        this.current = started;
        this.authorizer = open(started, clock);
    }

    /** @throws StartupException if a key cannot be used */
    static Authorizer open(HubConfig config, Clock clock) {
        if (config.tokens().isEmpty()) {
            return new AnonymousAuthorizer(config.anonymous());
        }
        try {
            return JwtAuthorizer.create(config.tokens().get(), config.anonymous(), clock);
        } catch (IllegalArgumentException e) {
            throw new StartupException(config.reader().locate(e.getMessage()));
        }
    }

    /** Ends streams when a key for their tokens is taken out of a set. Called once, when the hub has started. */
    synchronized void watchKeys(Hub hub) {
        authorizer.onSubscriberKeys(known -> use(hub, known));
    }

    void addMeters(Meters meters) {
        meters.gauge("sse_hub_config_last_reload_successful",
                "Whether the configuration could be used when it was last read: 1, or 0.", () -> wasApplied ? 1 : 0);
        meters.gauge("sse_hub_config_last_reload_success_timestamp_seconds",
                "When the configuration that is in effect was read, in seconds since 1970.",
                () -> appliedAt.toEpochMilli() / MILLIS);
    }

    /** Returns the configuration that is in effect. Does not wait for a reload. */
    HubConfig current() {
        return current;
    }

    Authorizer authorizer() {
        return authorizer;
    }

    /**
     * Reads the configuration again, and applies what can change while the hub runs. Ends the streams whose tokens were checked with a
     * key that is gone. Blocks while keys are fetched, and until the history has given up what exceeds its new limits.
     *
     * @param by the signal or the operator that has asked for it, for the log
     * @throws StartupException if the configuration has a mistake, or a key cannot be used; then nothing has changed
     */
    synchronized ConfigChanges reload(Hub hub, HubServer server, BuiltInFeeds feeds, String by) {
        requireOpen();
        try {
            HubConfig next = source.get();
            requireOpen();
            if (current.reader().isInFile() && !next.reader().isInFile()) { // a program that writes a file empties it first
                throw new StartupException("the configuration file has no keys any more; a restart would take the defaults");
            }
            ConfigChanges changes = ConfigChanges.of(started.reader(), current.reader(), next.reader());
            Authorizer before = authorizer;
            Optional<Set<String>> opened = replaceKeys(next);
            apply(next.hub(), hub);
            server.apply(next.server(), authorizer);
            feeds.apply(next.feeds());
            next.logging().apply();
            current = next;
            if (opened.isPresent()) {
                before.close();
                use(hub, opened.get());
                watchKeys(hub);
            }
            next.warnings().forEach(warning -> LOG.log(Level.WARNING, warning));
            appliedAt = clock.instant();
            wasApplied = true;
            LOG.log(Level.INFO, "the configuration was read again (" + by + "): " + changes.text());
            return changes;
        } catch (StartupException e) {
            wasApplied = false;
            LOG.log(Level.WARNING, "the configuration was read again (" + by + "), and stays as it was: " + e.getMessage());
            throw e;
        }
    }

    /** Opens the keys anew. Returns the keys, or nothing if those of the same URL cannot be fetched now: then they stay in use. */
    private Optional<Set<String>> replaceKeys(HubConfig next) {
        Authorizer opened = open(next, clock);
        opening = opened;
        try {
            if (closed) {
                opened.close();
            }
            Set<String> known = opened.subscriberKeys();
            authorizer = opened;
            return Optional.of(known);
        } catch (KeysUnavailableException e) {
            opened.close();
            requireOpen();
            if (!next.tokens().equals(current.tokens())) {
                throw new StartupException(String.valueOf(e.getMessage()));
            }
            LOG.log(Level.WARNING, e.getMessage() + "; the known keys stay in use");
            authorizer = authorizer.withAnonymous(next.anonymous());
            return Optional.empty();
        } finally {
            opening = null;
        }
    }

    private static void apply(HubSettings next, Hub hub) {
        try {
            hub.apply(next);
        } catch (HistoryUnavailableException _) { // the hub has been closed since the reload began
            throw stopping();
        }
    }

    private static StartupException stopping() {
        return new StartupException("the hub is stopping");
    }

    private void requireOpen() {
        if (closed) {
            throw stopping();
        }
    }

    private void use(Hub hub, Set<String> known) {
        Set<String> gone = new HashSet<>(keys);
        gone.removeAll(known);
        keys = Set.copyOf(known);
        hub.revoke(known, gone);
    }

    /** Ends the use of the keys. A reload that fetches keys fails, as do later ones. Closing again does nothing. */
    @Override
    public void close() {
        closed = true;
        Authorizer unfinished = opening;
        if (unfinished != null) {
            unfinished.close();
        }
        authorizer.close();
    }
}
