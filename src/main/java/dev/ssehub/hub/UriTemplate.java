package dev.ssehub.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A URI template (RFC 6570, all four levels) read backwards: it selects the topics that it can be expanded to by some values
 * of its variables, each occurrence of a variable taken for itself. Topics may be IRIs (RFC 3987): where a URI has the codes
 * of a letter that is not ASCII, the letter itself is as good.
 */
final class UriTemplate implements TopicSelector {

    // Each part of a template turns the set of positions in the topic that can be reached before it into the set that can be
    // reached after it. So a match takes about parts times length, whatever a client makes up: there is no backtracking.

    static final int MAX_VARIABLES = 20;

    private final String text;
    private final List<Part> parts;
    private final int variables;

    private UriTemplate(String text, List<Part> parts, int variables) {
        this.text = text;
        this.parts = parts;
        this.variables = variables;
    }

    /**
     * @return {@code null} if the text is no URI template or has no variable
     * @throws IllegalArgumentException
     *             if it has more variables than {@link #MAX_VARIABLES}
     */
    static @Nullable UriTemplate parse(String text) {
        List<Part> parts = new ArrayList<>();
        int variables = 0;
        int start = 0;
        for (int open = text.indexOf('{'); open >= 0; open = text.indexOf('{', start)) {
            int close = text.indexOf('}', open);
            TemplateExpression expression = close < 0 ? null : TemplateExpression.parse(text.substring(open + 1, close));
            if (expression == null || !addLiteral(parts, text.substring(start, open))) {
                return null;
            }
            parts.add(expression);
            variables += expression.variables().size();
            start = close + 1;
        }
        if (variables == 0 || !addLiteral(parts, text.substring(start))) {
            return null;
        }
        if (variables > MAX_VARIABLES) {
            throw new IllegalArgumentException(
                    "a URI template may have at most " + MAX_VARIABLES + " variables, this one has " + variables);
        }
        return new UriTemplate(text, List.copyOf(parts), variables);
    }

    @Override
    public boolean matches(String topic) {
        if (text.equals(topic)) {
            return true;
        }
        if (!hasLiterals(topic)) {
            return false;
        }
        BitSet reached = new BitSet(topic.length() + 1);
        reached.set(0);
        for (Part part : parts) {
            reached = part.after(reached, topic);
            if (reached.isEmpty()) {
                return false;
            }
        }
        return reached.get(topic.length());
    }

    @Override
    public String text() {
        return text;
    }

    @Override
    public int variables() {
        return variables;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof UriTemplate template && template.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }

    /** What most topics fail, at little cost: the first literal is at the beginning, and the others follow in their order. */
    private boolean hasLiterals(String topic) {
        int from = 0;
        for (Part part : parts) {
            if (part instanceof Literal literal) {
                from = literal.endsAfter(topic, from);
                if (from < 0) {
                    return false;
                }
            }
        }
        return !(parts.getFirst() instanceof Literal literal) || literal.begins(topic);
    }

    private static boolean addLiteral(List<Part> parts, String literal) {
        for (int i = 0; i < literal.length(); i++) {
            char c = literal.charAt(i);
            // RFC 6570, 2.1, with its erratum 6937, which lets the apostrophe in
            if (c <= ' ' || "\"<>\\^`{|}\u007f".indexOf(c) >= 0 || (c == '%' && !isTriplet(literal, i))) {
                return false;
            }
        }
        if (!literal.isEmpty()) {
            parts.add(new Literal(literal, encode(literal)));
        }
        return true;
    }

    /** What an expansion makes of a literal: what is not ASCII becomes percent codes. */
    private static String encode(String literal) {
        StringBuilder encoded = new StringBuilder(literal.length());
        for (byte b : literal.getBytes(UTF_8)) {
            if (b < 0) {
                encoded.append("%%%02X".formatted(b));
            } else {
                encoded.append((char) b);
            }
        }
        return encoded.toString();
    }

    static boolean isTriplet(String text, int at) {
        return at + 2 < text.length() && text.charAt(at) == '%' && Character.digit(text.charAt(at + 1), 16) >= 0
                && Character.digit(text.charAt(at + 2), 16) >= 0;
    }

    /** A piece of a template. */
    sealed interface Part permits Literal, TemplateExpression {

        /** Where in the topic one can be after this part, if one can be at these positions before it. */
        BitSet after(BitSet before, String topic);
    }

    record Literal(String text, String encoded) implements Part {

        boolean begins(String topic) {
            return topic.startsWith(text) || topic.startsWith(encoded);
        }

        /** Where it ends if it is there, as early as it can be; or -1. */
        int endsAfter(String topic, int from) {
            int end = end(topic, text, from);
            int encodedEnd = encoded.equals(text) ? -1 : end(topic, encoded, from);
            return end < 0 || encodedEnd < 0 ? Math.max(end, encodedEnd) : Math.min(end, encodedEnd);
        }

        private static int end(String topic, String literal, int from) {
            int at = topic.indexOf(literal, from);
            return at < 0 ? -1 : at + literal.length();
        }

        @Override
        public BitSet after(BitSet before, String topic) {
            BitSet after = advance(before, topic, text);
            if (!encoded.equals(text)) {
                after.or(advance(before, topic, encoded));
            }
            return after;
        }

        static BitSet advance(BitSet before, String topic, String literal) {
            BitSet after = new BitSet(topic.length() + 1);
            for (int at = before.nextSetBit(0); at >= 0; at = before.nextSetBit(at + 1)) {
                if (topic.startsWith(literal, at)) {
                    after.set(at + literal.length());
                }
            }
            return after;
        }
    }
}
