package dev.ssehub.tls;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.helidon.common.tls.Tls;

/** Watches the files of a certificate and its key, and has the server use what is in them. A thread of its own. */
public final class TlsReload implements AutoCloseable {

    // It reads the files and compares what they hold: their times say nothing where a link is pointed at another folder, and
    // a notification does not come from every file system. One of them may be half written, or not written yet: what is new is
    // judged when it was the same twice, and what is not good is told once. A certificate that is not valid yet is used as soon
    // as it is. The fields below the thread are its own.

    private static final System.Logger LOG = System.getLogger(TlsReload.class.getName());
    private static final Duration SOON = Duration.ofDays(14);
    private static final Duration LONGEST_END = Duration.ofSeconds(2);

    private final TlsFiles files;
    private final Duration interval;
    private final Consumer<Tls> server;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    private TlsContext.Source last;
    private TlsContext.Source judged;
    private TlsContext loaded;
    private TlsContext used;
    private String complaint = "";
    private boolean endTold;

    /** @param server uses what it is given for the connections that come after that */
    public TlsReload(TlsFiles files, Duration interval, TlsContext first, Consumer<Tls> server) {
        this.files = files;
        this.interval = interval;
        this.server = server;
        this.last = first.source();
        this.judged = first.source();
        this.loaded = first;
        this.used = first;
        this.thread = Thread.ofPlatform().name("tls-reload").daemon().unstarted(this::run);
        thread.start();
    }

    private void run() {
        try {
            tellOfBegin();
            do {
                look();
                tellOfEnd();
            } while (!closed.await(interval.toNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
                complaint = ""; // what was missing is back
            } else if (settled && found.equals(loaded.source())) {
                loaded.requireValid(Instant.now());
                use(loaded);
            }
        } catch (IOException | RuntimeException e) {
            complain(String.valueOf(e.getMessage()));
        }
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

    private void tellOfBegin() {
        Instant begin = used.certificate().getNotBefore().toInstant();
        if (Instant.now().isBefore(begin)) {
            LOG.log(Level.WARNING, "the certificate of " + name() + " is not valid before " + begin);
        }
    }

    private void tellOfEnd() {
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

    /** Ends it, and waits for that, but not for long: a file system may hang. Closing twice does nothing. */
    @Override
    public void close() {
        closed.countDown();
        try {
            if (!thread.join(LONGEST_END)) {
                LOG.log(Level.WARNING, "tls-reload does not end, and is left behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
