package dev.ssehub.tls;

import module java.base;
import dev.ssehub.thread.PeriodicTask;
import io.helidon.common.tls.Tls;
import java.lang.System.Logger.Level;

/** Watches the certificate and its private key, and has the server use them when they are renewed. */
public final class TlsReload implements AutoCloseable {
    /*
     * The task reads the files and compares their content: the times of the files do not change when a link is pointed at another
     * folder, and not every file system sends notifications. A file may be half written, so new content is tried when two looks
     * find the same. It is tried at every look until it is used, because a certificate may become valid later; a mistake is logged
     * once. The fields below the task belong to its thread, once it has started.
     */

    private static final System.Logger LOG = System.getLogger(TlsReload.class.getName());
    private static final Duration SOON = Duration.ofDays(14);

    private final TlsFiles files;
    private final Consumer<Tls> server;
    private final PeriodicTask task;

    private TlsContext.Source last;
    private TlsContext used;
    private String complaint = "";
    private boolean endTold;

    /**
     * Begins to watch.
     *
     * @param interval the time between two looks at the files
     * @param first what the server uses now
     * @param server takes what the server is to use for new connections; called by the thread that watches
     */
    public TlsReload(TlsFiles files, Duration interval, TlsContext first, Consumer<Tls> server) {
        this.files = files;
        this.server = server;
        this.last = first.source();
        this.used = first;
        if (Instant.now().isBefore(first.begin())) {
            LOG.log(Level.WARNING, "the certificate of " + first.name() + " is not valid before " + first.begin());
        }
        warnOfEnd();
        this.task = PeriodicTask.start("tls-reload", interval, this::look);
    }

    private void look() {
        try {
            TlsContext.Source found = TlsContext.Source.read(files);
            boolean settled = found.equals(last);
            last = found;
            if (!settled || found.equals(used.source())) {
                complaint = ""; // about content that is gone
            } else {
                use(found.load());
            }
        } catch (IOException | RuntimeException e) {
            complain(String.valueOf(e.getMessage()));
        }
        warnOfEnd();
    }

    /** Refuses a certificate that no client would accept at this time (RFC 5280, 4.1.2.5). */
    private void use(TlsContext next) throws IOException {
        Instant now = Instant.now();
        if (now.isBefore(next.begin()) || now.isAfter(next.end())) {
            throw new IOException(next.source().certificate().name() + " holds a certificate, that of " + next.name() + ", that "
                    + (now.isAfter(next.end()) ? "expired at " + next.end() : "is not valid before " + next.begin()));
        }
        server.accept(next.tls());
        used = next;
        endTold = false;
        LOG.log(Level.INFO, "new connections get the certificate of " + next.name() + ", which expires at " + next.end());
    }

    private void complain(String message) {
        if (!message.equals(complaint)) {
            complaint = message;
            LOG.log(Level.WARNING, message + "; the certificate of " + used.name() + " stays in use");
        }
    }

    private void warnOfEnd() {
        Instant now = Instant.now();
        if (!endTold && now.plus(SOON).isAfter(used.end())) {
            endTold = true;
            LOG.log(Level.WARNING, "the certificate of " + used.name()
                    + (now.isAfter(used.end()) ? " expired at " : " expires soon, at ") + used.end());
        }
    }

    /** Stops watching, and waits for a look at the files, two seconds at most. A second call has no effect. */
    @Override
    public void close() {
        task.close();
    }
}
