package dev.ssehub.tls;

import module java.base;
import dev.ssehub.thread.PeriodicTask;
import io.helidon.common.tls.Tls;
import java.lang.System.Logger.Level;

/** Watches the files of the certificate and its private key. When they are renewed, gives them to the server. */
public final class TlsReload implements AutoCloseable {
    /*
     * The task reads the files and compares their content. The times of the files would not be enough, because they do not change
     * when a link is pointed at another folder, and not every file system sends notifications. A file may be half written, so new
     * content is used, and a mistake is logged, only after two checks have found the same. If the content cannot be used, each check
     * tries again, because a certificate may become valid later; the mistake is logged once. Only the task's thread uses the
     * fields below it.
     */

    private static final System.Logger LOG = System.getLogger(TlsReload.class.getName());

    private final TlsFiles files;
    private final Consumer<Tls> server;
    private final PeriodicTask task;

    private TlsContext.Source last;
    private TlsContext used;
    private String mistake = "";
    private String complaint = "";
    private String doubt = "";

    /**
     * Starts to watch.
     *
     * @param interval the time between two checks of the files
     * @param first what the server uses now
     * @param server receives the TLS settings for new connections; called on the thread that watches the files
     */
    public TlsReload(TlsFiles files, Duration interval, TlsContext first, Consumer<Tls> server) {
        this.files = files;
        this.server = server;
        this.last = first.source();
        this.used = first;
        warnOfDates();
        this.task = PeriodicTask.start("tls-reload", interval, this::check);
    }

    private void check() {
        try {
            TlsContext.Source found = TlsContext.Source.read(files);
            boolean settled = found.equals(last);
            last = found;
            if (!settled || found.equals(used.source())) {
                complaint = ""; // the content that it was about is gone
            } else {
                use(found.load());
            }
        } catch (IOException | RuntimeException e) {
            complain(String.valueOf(e.getMessage()));
        }
        warnOfDates();
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
        LOG.log(Level.INFO, "new connections get the certificate of " + next.name() + ", which expires at " + next.end());
    }

    private void complain(String message) {
        boolean settled = message.equals(mistake);
        mistake = message;
        if (settled && !message.equals(complaint)) {
            complaint = message;
            LOG.log(Level.WARNING, message + "; the certificate of " + used.name() + " stays in use");
        }
    }

    private void warnOfDates() {
        String now = used.doubt(Instant.now()).orElse("");
        if (!now.equals(doubt) && !now.isEmpty()) {
            LOG.log(Level.WARNING, now);
        }
        doubt = now;
    }

    /** Stops watching, and waits at most two seconds for a check in progress. A second call has no effect. */
    @Override
    public void close() {
        task.close();
    }
}
