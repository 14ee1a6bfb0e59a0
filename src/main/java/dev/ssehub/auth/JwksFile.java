package dev.ssehub.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;

/** A file with a set of keys (RFC 7517). It is read again when it has changed; if that fails, the keys from before stay. */
final class JwksFile implements KeySource {

    /*
     * Whoever moves the time of the next look forward is the one who looks; all others go on with the keys that there are. So
     * only one thread reads at a time, and none waits for it: the next look is a second away, when the reading has long ended.
     * If it has not, two may read, and the later one to end is right or is put right by the next look.
     */
    private static final System.Logger LOG = System.getLogger(JwksFile.class.getName());
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

    private final Path file;
    private final Optional<JWSAlgorithm> algorithm;
    private final AtomicLong nextLook = new AtomicLong(System.nanoTime() + INTERVAL);
    private volatile Content content;

    private record Named(Optional<String> id, VerifyingKey key) {}

    private record Stamp(FileTime modified, long size) {}

    /** What was read, of which state of the file, and what was wrong with later ones. */
    private record Content(List<Named> keys, Stamp stamp, String complaint) {}

    /** @throws IllegalArgumentException
     *             if it cannot be read, or is no set with a key that can be used */
    JwksFile(Path file, Optional<JWSAlgorithm> algorithm) {
        this.file = file;
        this.algorithm = algorithm;
        this.content = read(stamp());
    }

    @Override
    public List<VerifyingKey> keys(Optional<String> id) {
        long look = nextLook.get();
        long now = System.nanoTime();
        if (now - look >= 0 && nextLook.compareAndSet(look, now + INTERVAL)) {
            look();
        }
        return content.keys().stream().filter(named -> id.isEmpty() || id.equals(named.id())).map(Named::key).toList();
    }

    private void look() {
        Content before = content;
        try {
            Stamp stamp = stamp();
            if (!stamp.equals(before.stamp())) {
                content = read(stamp);
                LOG.log(Level.INFO, "read the keys for tokens again, as " + file + " has changed");
            }
        } catch (IllegalArgumentException e) {
            if (!before.complaint().equals(e.getMessage())) {
                LOG.log(Level.WARNING, "the keys for tokens stay as they were: " + e.getMessage());
                content = new Content(before.keys(), before.stamp(), String.valueOf(e.getMessage()));
            }
        }
    }

    private Stamp stamp() {
        try {
            return new Stamp(Files.getLastModifiedTime(file), Files.size(file));
        } catch (IOException e) {
            throw new IllegalArgumentException("the file " + file + " cannot be read: " + e, e);
        }
    }

    private Content read(Stamp stamp) {
        List<Named> keys = new ArrayList<>();
        for (JWK key : parse(new String(KeyText.file(file), UTF_8))) {
            VerifyingKey.ofSet(key, algorithm).ifPresent(it -> keys.add(new Named(Optional.ofNullable(key.getKeyID()), it)));
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("the set of keys " + file + " has no key that a token can be checked with"
                    + algorithm.map(it -> " by " + it).orElse(""));
        }
        return new Content(List.copyOf(keys), stamp, "");
    }

    private List<JWK> parse(String text) {
        try {
            return JWKSet.parse(text).getKeys();
        } catch (ParseException | RuntimeException e) { // it is not strict about which; and its messages may have the key in them
            throw new IllegalArgumentException("the file " + file + " is not a set of keys (JWKS, RFC 7517)");
        }
    }
}
