package dev.ssehub.auth;

import static java.util.stream.Collectors.joining;

import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.JSONObjectUtils;

/**
 * What a set of keys (RFC 7517) has for tokens. A key that cannot be used spoils no other (there, 5), and one that is for
 * something else is not in it.
 *
 * @param entries in the order of the set
 * @param algorithm the one that is configured, if it is
 */
record KeySet(List<Entry> entries, Optional<JWSAlgorithm> algorithm) {

    /** Others ({@code kty}) have no algorithm that is taken. */
    private static final Set<String> KINDS = Set.of("RSA", "EC", "oct");

    sealed interface Entry {
        /** What tokens call it ({@code kid}). */
        Optional<String> id();
    }

    record Usable(Optional<String> id, VerifyingKey key) implements Entry {}

    /** It would do, were it not for the algorithm that is configured. */
    record OfAnotherAlgorithm(Optional<String> id) implements Entry {}

    /** Weak, private, or not even a key; the reason has nothing of the key in it. */
    record Mistaken(Optional<String> id, String reason) implements Entry {}

    KeySet {
        entries = List.copyOf(entries);
    }

    /**
     * Reads a set as it is written.
     *
     * @param secrets whether there may be secrets in it; if not, they are passed over
     * @throws ParseException if it is no set; the message has nothing of a key in it
     */
    static KeySet parse(String text, Optional<JWSAlgorithm> algorithm, boolean secrets) throws ParseException {
        List<Entry> entries = new ArrayList<>();
        for (Map<String, Object> members : keys(text)) {
            String kind = String.valueOf(members.get("kty"));
            if (KINDS.contains(kind) && (secrets || !kind.equals("oct"))) {
                entry(members, algorithm).ifPresent(entries::add);
            }
        }
        return new KeySet(entries, algorithm);
    }

    private static List<Map<String, Object>> keys(String text) throws ParseException {
        try {
            Map<String, Object>[] keys = text.stripLeading().startsWith("{")
                    ? JSONObjectUtils.getJSONObjectArray(JSONObjectUtils.parse(text), "keys")
                    : null;
            if (keys != null) {
                return List.of(keys); // not with a null in it
            }
        } catch (ParseException | RuntimeException _) { // it is not strict about which; and its messages may have a key in them
        }
        throw new ParseException("it must be one as RFC 7517 has it: {\"keys\":[...]}", 0);
    }

    private static Optional<Entry> entry(Map<String, Object> members, Optional<JWSAlgorithm> algorithm) {
        Optional<String> id = members.get("kid") instanceof String kid ? Optional.of(kid) : Optional.empty();
        JWK key;
        try {
            key = JWK.parse(members);
        } catch (ParseException | RuntimeException _) { // as above
            return Optional.of(new Mistaken(id, "it is not a key as RFC 7517 has it, or not of a kind that is taken"));
        }
        try {
            Optional<Entry> usable = VerifyingKey.ofSet(key, algorithm).map(it -> new Usable(id, it));
            return usable.or(() -> VerifyingKey.ofSet(key, Optional.empty()).map(_ -> new OfAnotherAlgorithm(id)));
        } catch (IllegalArgumentException e) {
            return Optional.of(new Mistaken(id, String.valueOf(e.getMessage())));
        }
    }

    /** The last secret: new ones are appended. */
    Optional<Usable> newestSecret() {
        return entries.stream().filter(Usable.class::isInstance).map(Usable.class::cast)
                .filter(entry -> entry.key().signer().isPresent()).reduce((_, later) -> later);
    }

    boolean isUsable() {
        return entries.stream().anyMatch(Usable.class::isInstance);
    }

    /** Whether it says something of the key that a token names, or of any key, if it names none. */
    boolean knows(Optional<String> id) {
        return id.isEmpty() ? isUsable() : entries.stream().anyMatch(entry -> entry.id().equals(id));
    }

    /**
     * Those with which a token may be signed; none, if the key that it names is not known.
     *
     * @throws InvalidTokenException if the key that it names cannot be used
     * @throws KeysUnavailableException if no key can be used
     */
    List<VerifyingKey> keys(Optional<String> id) throws InvalidTokenException, KeysUnavailableException {
        List<Entry> named = entries.stream().filter(entry -> id.isEmpty() || entry.id().equals(id)).toList();
        List<VerifyingKey> keys = named.stream().filter(Usable.class::isInstance).map(Usable.class::cast).map(Usable::key)
                .toList();
        if (!keys.isEmpty()) {
            return keys;
        }
        if (algorithm.isPresent() && named.stream().anyMatch(OfAnotherAlgorithm.class::isInstance)) {
            throw new InvalidTokenException("the token is signed with a key for another algorithm than the one that is "
                    + "configured; this hub takes " + algorithm.get());
        }
        if (!isUsable()) {
            throw new KeysUnavailableException("the set of keys to check tokens with has none that can be used at this moment");
        }
        for (Entry entry : named) {
            if (entry instanceof Mistaken(_, String reason)) {
                throw new InvalidTokenException("this hub cannot check the token: " + reason);
            }
        }
        return keys;
    }

    /** Which keys are left out though they seem to be meant for tokens, and why; empty if there are none. */
    String mistakes() {
        return entries.stream().filter(Mistaken.class::isInstance).map(Mistaken.class::cast)
                .map(mistaken -> name(mistaken.id()) + " (" + mistaken.reason() + ")").collect(joining(", "));
    }

    /**
     * What an operator should know of it: sentences for the log.
     *
     * @param place where it is from
     */
    List<String> doubts(String place) {
        String mistakes = mistakes();
        Stream<String> leftOut = mistakes.isEmpty()
                ? Stream.empty()
                : Stream.of("of the keys for tokens in " + place + ", these are left out: " + mistakes);
        Stream<String> none = isUsable()
                ? Stream.empty()
                : Stream.of("the set of keys in " + place
                        + " has none that a token can be checked with; tokens get 503 until it has");
        return Stream.concat(leftOut, none).toList();
    }

    private static String name(Optional<String> id) {
        return id.map(it -> "'" + it.replaceAll("\\p{Cntrl}", "?") + "'").orElse("one without a kid");
    }
}
