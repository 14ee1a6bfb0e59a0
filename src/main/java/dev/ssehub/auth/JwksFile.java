package dev.ssehub.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import com.nimbusds.jose.JWSAlgorithm;

/**
 * A file with a set of keys (RFC 7517), which a thread of its own watches. A set that is there counts as it is, though it may
 * take all keys away; while there is none, the one before counts for as long as that of a server that is away.
 */
final class JwksFile implements KeySource {

    // The thread reads the file and compares what it holds: its times and its size may be the same when a key has changed. It
    // may be half written: what is new is used when it was the same twice, and what is not good is told once. What the
    // fields below the thread hold is the thread's own; what it found out is in one volatile field.

    private static final System.Logger LOG = System.getLogger(JwksFile.class.getName());
    private static final long INTERVAL_MILLIS = 500;
    private static final Duration LONGEST_END = Duration.ofSeconds(2);

    private final Path file;
    private final Optional<JWSAlgorithm> algorithm;
    private final Duration outage;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile Known known;
    private final Thread thread;

    private byte[] last;
    private byte[] used;
    private String complaint = "";

    /** The keys, and if the file is away, until when they count: a moment of {@link System#nanoTime}. */
    private record Known(KeySet keys, OptionalLong end) {
        boolean counts() {
            return end.isEmpty() || System.nanoTime() - end.getAsLong() < 0;
        }
    }

    /**
     * Reads it.
     *
     * @param outage so long the keys that are known are used, if the file is away
     * @throws IllegalArgumentException if it cannot be read, or is no set with a key that can be used
     */
    JwksFile(Path file, Optional<JWSAlgorithm> algorithm, Duration outage) {
        this.file = file;
        this.algorithm = algorithm;
        this.outage = outage;
        this.used = read();
        this.last = used;
        KeySet keys = parse(used);
        if (!keys.isUsable()) {
            String mistakes = keys.mistakes();
            throw new IllegalArgumentException("the set of keys " + file + " has no key that a token can be checked with"
                    + algorithm.map(it -> " by " + it).orElse("") + "; it needs one of RSA or EC, or a secret, for signatures"
                    + (mistakes.isEmpty() ? "" : "; these are left out: " + mistakes));
        }
        this.known = new Known(keys, OptionalLong.empty());
        this.thread = Thread.ofPlatform().name("jwks-file").daemon().unstarted(this::run);
        tell(keys);
        thread.start();
    }

    @Override
    public List<VerifyingKey> keys(Optional<String> id) throws InvalidTokenException, KeysUnavailableException {
        Known now = known;
        if (!now.counts()) {
            throw new KeysUnavailableException("the keys to check tokens with cannot be read at this moment");
        }
        return now.keys().keys(id);
    }

    @Override
    public Optional<KeySet.Usable> secret() {
        return known.keys().newestSecret();
    }

    private void run() {
        try {
            while (!closed.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try {
            byte[] found = read();
            boolean settled = Arrays.equals(found, last);
            last = found;
            if (!settled) {
                return;
            }
            if (!Arrays.equals(found, used)) {
                known = new Known(parse(found), OptionalLong.empty());
                used = found;
                LOG.log(Level.INFO, "read the keys for tokens again, as " + file + " has changed");
                tell(known.keys());
            } else if (known.end().isPresent()) {
                known = new Known(known.keys(), OptionalLong.empty());
                LOG.log(Level.INFO, "the keys for tokens are in " + file + " again, as they were");
            }
            complaint = "";
        } catch (RuntimeException e) {
            if (known.end().isEmpty()) {
                known = new Known(known.keys(), OptionalLong.of(System.nanoTime() + outage.toNanos()));
            }
            complain(known.counts()
                    ? "the keys for tokens stay as they were, for " + outage + " at most: " + e.getMessage()
                    : "the keys for tokens do not count any more, and tokens get 503, as for " + outage
                            + " there were no others: "
                            + e.getMessage());
        }
    }

    private void complain(String sentence) {
        if (!complaint.equals(sentence)) {
            complaint = sentence;
            LOG.log(Level.WARNING, sentence);
        }
    }

    private void tell(KeySet keys) {
        keys.doubts(file.toString()).forEach(doubt -> LOG.log(Level.WARNING, doubt));
    }

    /** Not what would keep the thread waiting, such as a pipe. */
    private byte[] read() {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    file + " is no regular file; a set of keys must be in one, or in what links to one");
        }
        return KeyText.file(file);
    }

    private KeySet parse(byte[] content) {
        try {
            return KeySet.parse(new String(content, UTF_8), algorithm, true);
        } catch (ParseException e) {
            throw new IllegalArgumentException("the file " + file + " is not a set of keys; " + e.getMessage());
        }
    }

    /** Ends the thread, and waits for that, but not for long: a file system may hang. Closing twice does nothing. */
    @Override
    public void close() {
        if (closing.getAndSet(true)) {
            return;
        }
        closed.countDown();
        try {
            if (!thread.join(LONGEST_END)) {
                LOG.log(Level.WARNING, "jwks-file does not end, and is left behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
