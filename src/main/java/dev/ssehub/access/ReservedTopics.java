package dev.ssehub.access;

import module java.base;
import static java.util.HexFormat.fromHexDigit;
import static java.util.HexFormat.isHexDigit;

import dev.ssehub.topic.TopicSelector;

/**
 * The topics that only the hub publishes to: {@link Mercure#PATH} and all paths below it, at any host and however they are written.
 * Clients and proxies read a topic as a URL in different ways. A topic is reserved if one of these ways leads to such a path.
 */
public final class ReservedTopics {
    // A topic is read with and without a host, because //host/path can also be a path with two slashes. It is read with the percent
    // codes of unreserved characters decoded (RFC 3986, 6.2.2.2), and with all percent codes decoded, also those that appear by
    // decoding. A backslash counts as a slash (WHATWG URL, 4.4), two slashes count as one, and case is ignored. If dot segments lead
    // into the reserved paths, the topic is reserved, even if later dot segments lead out again.

    /** Every reserved topic contains well-known or a percent code. */
    private static final Pattern SUSPECT = Pattern.compile("%|well-known", Pattern.CASE_INSENSITIVE);
    /** The beginning of a URL. A name such as {@code urn:x} has no path, so most schemes count only if a slash follows. */
    private static final Pattern SCHEME = Pattern.compile("(?:(?:https?|wss?|ftp|file):|[a-z][a-z0-9+.-]*:(?=/))",
            Pattern.CASE_INSENSITIVE);
    private static final List<String> SEGMENTS = List.of(Mercure.PATH.substring(1).split("/"));

    private ReservedTopics() {}

    /** Returns whether a topic is reserved. */
    public static boolean contains(String topic) {
        if (!SUSPECT.matcher(topic).find()) {
            return false;
        }
        String reference = topic.strip().replaceFirst("(?s)[?#].*", "");
        return isReserved(decode(reference, ReservedTopics::isUnreserved)) || isReserved(decode(reference, _ -> true));
    }

    private static boolean isReserved(String text) {
        String reference = text.replace('\\', '/');
        Matcher scheme = SCHEME.matcher(reference);
        boolean absolute = scheme.lookingAt();
        String path = absolute ? reference.substring(scheme.end()) : reference;
        return leadsToReserved(path)
                || ((absolute || path.startsWith("//")) && leadsToReserved(path.replaceFirst("(?s)^/*[^/]*", "")));
    }

    private static boolean leadsToReserved(String path) {
        List<String> segments = new ArrayList<>();
        for (String segment : path.split("/", -1)) {
            if (segment.equals("..")) {
                if (!segments.isEmpty()) {
                    segments.removeLast();
                }
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                segments.add(segment.toLowerCase(Locale.ROOT));
            }
            if (segments.equals(SEGMENTS)) {
                return true;
            }
        }
        return false;
    }

    /** Decodes the percent codes of some characters, also the codes that appear by decoding. Takes linear time. */
    private static String decode(String text, IntPredicate decoded) {
        StringBuilder result = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            result.append(text.charAt(i));
            int code = lastCode(result);
            while (code >= 0 && decoded.test(code)) {
                result.setLength(result.length() - 3);
                result.append((char) code);
                code = lastCode(result);
            }
        }
        return result.toString();
    }

    /** Returns the character of the percent code at the end of the text, or -1 if the text ends otherwise. */
    private static int lastCode(StringBuilder text) {
        int at = text.length() - 3;
        return at >= 0 && text.charAt(at) == '%' && isHexDigit(text.charAt(at + 1)) && isHexDigit(text.charAt(at + 2))
                ? 16 * fromHexDigit(text.charAt(at + 1)) + fromHexDigit(text.charAt(at + 2))
                : -1;
    }

    private static boolean isUnreserved(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-._~".indexOf(c) >= 0;
    }

    /**
     * Parses the name of one topic that is not reserved for the hub.
     *
     * @throws IllegalArgumentException if the text is not such a name; the message is a sentence
     */
    public static TopicSelector.Exact requireOther(String text) {
        if (!(TopicSelector.parse(text) instanceof TopicSelector.Exact topic) || contains(text)) {
            throw new IllegalArgumentException("it must be the name of one topic, not * or a template, nor one of the hub's own, "
                    + "at or below " + Mercure.PATH);
        }
        return topic;
    }
}
