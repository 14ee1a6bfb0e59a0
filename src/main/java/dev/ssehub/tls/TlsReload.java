package dev.ssehub.tls;

import dev.ssehub.thread.PeriodicTask;
import io.helidon.common.tls.Tls;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/** Watches the certificate and its private key, and has the server use them when they are renewed. */
public final class TlsReload implements AutoCloseable {

    /*
     * The task reads the files and compares their content: the times of the files do not change when a link is
     * pointed at another folder, and not every file system sends notifications. A file may be half written, or not written yet, so
     * new content is judged when two looks find the same, and a mistake is logged once. A certificate that is not valid yet is used
     * as soon as it is. The fields below the task belong to its thread, once it has started.
     */

    private static final System.Logger LOG = System.getLogger(TlsReload.class.getName());
    private static final Duration SOON = Duration.ofDays(14);

    private final TlsFiles files;
    private final Consumer<Tls> server;
    private final PeriodicTask task;

    private TlsContext.Source last;
    private TlsContext.Source judged;
    private TlsContext loaded;
    private TlsContext used;
    private String complaint = "";
    private boolean endTold;

    /**
     * Begins to watch.
     *
     * @param interval the time between two looks at the files
     * @param first what the server uses now
     * @param server uses what it is given for the connections that come from then on; called by the thread that watches
     */
    public TlsReload(TlsFiles files, Duration interval, TlsContext first, Consumer<Tls> server) {
        this.files = files;
        this.server = server;
        this.last = first.source();
        this.judged = first.source();
        this.loaded = first;
        this.used = first;
        warnOfStart();
        warnOfEnd();
        this.task = PeriodicTask.start("tls-reload", interval, this::look);
    }

    private void look() {
        try {
            TlsContext.Source found = TlsContext.Source.read(files);
            boolean settled = found.equals(last);
            last = found;
            if (settled && !found.equals(judged)) {
                judged = found;
                complaint = "";
                loaded = found.load();
            }
            if (found.equals(used.source())) {
                complaint = ""; // a file that was missing is back
            } else if (settled && found.equals(loaded.source())) {
                loaded.requireValid(Instant.now());
                use(loaded);
            }
        } catch (IOException | RuntimeException e) {
            complain(String.valueOf(e.getMessage()));
        }
        warnOfEnd();
    }

    private void use(TlsContext context) {
        server.accept(context.tls());
        used = context;
        endTold = false;
        LOG.log(Level.INFO, "new connections get the certificate of " + name() + ", which ends at " + end());
    }

    private void complain(String message) {
        if (!message.equals(complaint)) {
            complaint = message;
            LOG.log(Level.WARNING, message + "; the certificate of " + name() + " stays in use");
        }
    }

    private void warnOfStart() {
        Instant begin = used.certificate().getNotBefore().toInstant();
        if (Instant.now().isBefore(begin)) {
            LOG.log(Level.WARNING, "the certificate of " + name() + " is not valid before " + begin);
        }
    }

    private void warnOfEnd() {
        Instant now = Instant.now();
        if (!endTold && now.plus(SOON).isAfter(end())) {
            endTold = true;
            LOG.log(Level.WARNING,
                    "the certificate of " + name() + (now.isAfter(end()) ? " has ended at " : " ends soon, at ") + end());
        }
    }

    private String name() {
        return used.certificate().getSubjectX500Principal().getName();
    }

    private Instant end() {
        return used.certificate().getNotAfter().toInstant();
    }

    /** Stops watching, and waits for a look at the files, two seconds at most. A second call has no effect. */
    @Override
    public void close() {
        task.close();
    }
}
