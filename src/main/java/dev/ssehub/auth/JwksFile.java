package dev.ssehub.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;

/** A file with a set of keys (RFC 7517), which a thread of its own watches. If it cannot be used any more, its keys stay. */
final class JwksFile implements KeySource {

    // The thread reads the file and compares what it holds: its times and its size may be the same when a key has changed. It
    // may be half written: what is new is used when it was the same twice, and what is not good is told once. What the
    // fields below the thread hold is the thread's own.

    private static final System.Logger LOG = System.getLogger(JwksFile.class.getName());
    private static final long INTERVAL_MILLIS = 500;
    private static final Duration LONGEST_END = Duration.ofSeconds(2);

    private final Path file;
    private final Optional<JWSAlgorithm> algorithm;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile List<Named> keys;
    private final Thread thread;

    private byte[] last;
    private byte[] used;
    private String complaint = "";

    private record Named(Optional<String> id, VerifyingKey key) {}

    /** @throws IllegalArgumentException
     *             if it cannot be read, or is no set with a key that can be used */
    JwksFile(Path file, Optional<JWSAlgorithm> algorithm) {
        this.file = file;
        this.algorithm = algorithm;
        this.used = KeyText.file(file);
        this.last = used;
        this.keys = parse(used);
        this.thread = Thread.ofPlatform().name("jwks-file").daemon().unstarted(this::run);
        thread.start();
    }

    @Override
    public List<VerifyingKey> keys(Optional<String> id) {
        return keys.stream().filter(named -> id.isEmpty() || id.equals(named.id())).map(Named::key).toList();
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
            byte[] found = KeyText.file(file);
            boolean settled = Arrays.equals(found, last);
            last = found;
            if (settled && !Arrays.equals(found, used)) {
                keys = parse(found);
                used = found;
                LOG.log(Level.INFO, "read the keys for tokens again, as " + file + " has changed");
            }
            if (settled) {
                complaint = "";
            }
        } catch (RuntimeException e) {
            if (!complaint.equals(e.getMessage())) {
                complaint = String.valueOf(e.getMessage());
                LOG.log(Level.WARNING, "the keys for tokens stay as they were: " + complaint);
            }
        }
    }

    private List<Named> parse(byte[] content) {
        List<Named> named = new ArrayList<>();
        for (JWK key : parse(new String(content, UTF_8))) {
            VerifyingKey.ofSet(key, algorithm).ifPresent(it -> named.add(new Named(Optional.ofNullable(key.getKeyID()), it)));
        }
        if (named.isEmpty()) {
            throw new IllegalArgumentException("the set of keys " + file + " has no key that a token can be checked with"
                    + algorithm.map(it -> " by " + it).orElse("") + "; it needs one of RSA or EC, or a secret, for signatures");
        }
        return List.copyOf(named);
    }

    private List<JWK> parse(String text) {
        try {
            return JWKSet.parse(text).getKeys();
        } catch (ParseException | RuntimeException e) { // it is not strict about which; and its messages may have the key in them
            throw new IllegalArgumentException(
                    "the file " + file + " is not a set of keys; it must be one as RFC 7517 has it: {\"keys\":[...]}");
        }
    }

    /** Ends the thread, and waits for that, but not for long: a file system may hang. */
    @Override
    public void close() {
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
