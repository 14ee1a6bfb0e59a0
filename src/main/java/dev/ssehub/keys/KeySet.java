package dev.ssehub.keys;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toUnmodifiableSet;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.util.JSONObjectUtils;

/**
 * The keys of a set (RFC 7517) that tokens can be checked with. A key that cannot be used does not affect the others (section 5). A
 * key for another purpose is ignored silently.
 */
final class KeySet {
    /** Keys of any other type ({@code kty}) have no algorithm that the hub accepts. */
    private static final Set<String> TYPES = Set.of("RSA", "EC", "OKP", "oct");
    private static final String NO_KEY = "it is not a key as RFC 7517 defines it, or not of a kind that is supported";

    private final long readAt = System.nanoTime();
    private final List<VerifyingKey> usable = new ArrayList<>();
    private final List<Unusable> unusable = new ArrayList<>();

    /**
     * A key that seems to be meant for tokens, but cannot be used.
     *
     * @param reason a sentence without the key
     * @param broken whether the key is at fault; if not, it is for another algorithm than the configured one
     */
    private record Unusable(Optional<String> kid, String reason, boolean broken) {}

    /**
     * Parses a set.
     *
     * @param place where the set is from
     * @param configured the configured algorithm
     * @param secrets whether secrets are accepted; if not, they are ignored
     * @throws IOException if the text is not a set of keys; the message says what is expected and does not show the text
     */
    static KeySet parse(byte[] text, String place, Optional<JWSAlgorithm> configured, boolean secrets) throws IOException {
        KeySet set = new KeySet();
        for (Object key : keys(new String(text, UTF_8), place)) {
            if (key instanceof Map<?, ?> object) {
                Map<String, Object> members = new LinkedHashMap<>();
                object.forEach((name, value) -> members.put(String.valueOf(name), value));
                String type = String.valueOf(members.get("kty"));
                if (TYPES.contains(type) && (secrets || !type.equals("oct"))) {
                    set.add(members, configured);
                }
            } else {
                set.unusable.add(new Unusable(Optional.empty(), NO_KEY, true));
            }
        }
        return set;
    }

    private static List<?> keys(String text, String place) throws IOException {
        try {
            List<?> keys = text.stripLeading().startsWith("{")
                    ? JSONObjectUtils.getJSONArray(JSONObjectUtils.parse(text), "keys")
                    : null;
            if (keys != null) {
                return keys;
            }
        } catch (ParseException | RuntimeException _) { // the parser throws various exceptions, whose messages may show a key
        }
        throw new IOException(place + " is not a set of keys as RFC 7517 defines it: {\"keys\":[...]}");
    }

    private void add(Map<String, Object> members, Optional<JWSAlgorithm> configured) {
        Optional<String> kid = members.get("kid") instanceof String name ? Optional.of(name) : Optional.empty();
        try {
            JWK key = JWK.parse(members);
            Optional<VerifyingKey> found = VerifyingKey.ofSet(key, configured);
            if (found.isPresent()) {
                usable.add(found.get());
            } else if (VerifyingKey.ofSet(key, Optional.empty()).isPresent()) {
                unusable.add(
                        new Unusable(kid, "the token is signed with a key for another algorithm than the configured one; this "
                                + "hub accepts " + configured.map(JWSAlgorithm::getName).orElse(""), false));
            }
        } catch (IllegalArgumentException e) {
            unusable.add(new Unusable(kid, String.valueOf(e.getMessage()), true));
        } catch (ParseException | RuntimeException _) { // their messages may show the key
            unusable.add(new Unusable(kid, NO_KEY, true));
        }
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - readAt);
    }

    boolean isUsable() {
        return !usable.isEmpty();
    }

    /** @throws IllegalArgumentException if the set has no usable key; the message names the place of the set and says why */
    void requireUsable(String place, Optional<JWSAlgorithm> configured) {
        if (!isUsable()) {
            throw new IllegalArgumentException(place + " has no key that a token can be checked with"
                    + configured.map(it -> " by " + it).orElse("")
                    + "; it needs an RSA, EC or Ed25519 key, or a secret, for signatures"
                    + (mistakes().isEmpty() ? "" : "; these keys are ignored: " + mistakes()));
        }
    }

    boolean hasSameKeys(KeySet other) {
        return usable.equals(other.usable) && unusable.equals(other.unusable);
    }

    Set<String> thumbprints() {
        return usable.stream().map(VerifyingKey::thumbprint).collect(toUnmodifiableSet());
    }

    /** Returns the last secret, because operators append a new secret at the end. */
    Optional<VerifyingKey> newestSecret() {
        return usable.stream().filter(VerifyingKey::isSecret).reduce((_, later) -> later);
    }

    /** Returns whether the set has the named key, usable or not. Without a name, returns whether the set has a usable key. */
    boolean knows(Optional<String> kid) {
        return kid.isEmpty()
                ? isUsable()
                : Stream.concat(usable.stream().map(VerifyingKey::kid), unusable.stream().map(Unusable::kid))
                        .anyMatch(kid::equals);
    }

    /**
     * Returns the keys that may have signed a token. The list is empty if the token names an unknown key.
     *
     * @throws BadJOSEException if the named key cannot be used
     * @throws KeySourceException if the set has no usable key
     */
    List<VerifyingKey> select(Optional<String> kid) throws BadJOSEException, KeySourceException {
        List<VerifyingKey> keys = usable.stream().filter(key -> kid.isEmpty() || key.kid().equals(kid)).toList();
        List<Unusable> others = unusable.stream().filter(key -> kid.isEmpty() || key.kid().equals(kid)).toList();
        Optional<Unusable> ofAnotherAlgorithm = others.stream().filter(key -> !key.broken()).findFirst();
        if (keys.isEmpty() && ofAnotherAlgorithm.isPresent()) {
            throw new BadJOSEException(ofAnotherAlgorithm.get().reason());
        }
        if (!isUsable()) {
            throw new KeySourceException("the set of keys to check tokens with has none that can be used at this moment");
        }
        if (keys.isEmpty() && !others.isEmpty()) {
            throw new BadJOSEException("this hub cannot check the token: " + others.getFirst().reason());
        }
        return keys;
    }

    /** Returns the names of the broken keys and what is wrong with them, or an empty text if no key is broken. */
    String mistakes() {
        return unusable.stream().filter(Unusable::broken)
                .map(key -> key.kid().map(kid -> "'" + kid.replaceAll("\\p{Cntrl}", "?") + "'").orElse("one without a kid") + " ("
                        + key.reason() + ")")
                .collect(joining(", "));
    }
}
