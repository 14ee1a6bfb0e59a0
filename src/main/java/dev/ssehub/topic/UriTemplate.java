package dev.ssehub.topic;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * A URI template (RFC 6570, all four levels) as a selector: it selects every topic to which it can be expanded. A variable that
 * occurs twice may have two different values. Topics can be IRIs (RFC 3987): a non-ASCII character equals its percent codes.
 *
 * @param variables the number of variables
 */
public record UriTemplate(String text, List<Part> parts, int variables) implements TopicSelector {
    // Matching keeps the set of topic positions that can be reached. Each part of the template maps the positions before the part
    // to the positions after it. There is no backtracking: the number of steps is about the parts times the topic's length.

    public static final int MAX_VARIABLES = 20;

    /** The set with only the position at the beginning of a topic. Must not be changed. */
    static final BitSet BEGINNING = BitSet.valueOf(new long[]{1});

    /**
     * Parses a template. Returns {@code null} if the text is not a URI template or has no variable.
     *
     * @throws IllegalArgumentException if it has more than {@link #MAX_VARIABLES} variables
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
        return matches(new Topic(topic));
    }

    /** Like {@link #matches(String)}, for a topic that is matched against many templates. */
    public boolean matches(Topic topic) {
        return text.equals(topic.name()) || matches(topic.normal(), 0, BEGINNING);
    }

    /** Returns whether the parts from index {@code first} on can expand to the rest of the topic after one of the starts. */
    boolean matches(String topic, int first, BitSet starts) {
        if (!hasLiterals(topic, first, starts)) {
            return false;
        }
        BitSet reached = starts;
        for (int i = first; i < parts.size(); i++) {
            reached = parts.get(i).after(reached, topic);
            if (reached.isEmpty()) {
                return false;
            }
        }
        return reached.get(topic.length());
    }

    /** Returns the text, in the normal form of {@link Topic}, with which all topics begin to which the template expands. */
    public String prefix() {
        return parts.getFirst() instanceof Literal(String text) ? text : "";
    }

    @Override
    public String toString() {
        return text;
    }

    /** Returns whether the topic contains the literals in their order. This cheap test rules out most topics. */
    private boolean hasLiterals(String topic, int first, BitSet starts) {
        int from = starts.nextSetBit(0);
        int last = starts.length() - 1;
        for (int i = first; i < parts.size(); i++) {
            if (parts.get(i) instanceof Literal(String text)) {
                int at = topic.indexOf(text, from, Math.min(last + text.length(), topic.length()));
                if (at < 0) {
                    return false;
                }
                from = at + text.length();
            }
            last = topic.length();
        }
        return !(parts.getLast() instanceof Literal(String text)) || topic.endsWith(text);
    }

    private static boolean addLiteral(List<Part> parts, String literal) {
        for (int i = 0; i < literal.length(); i++) {
            char c = literal.charAt(i);
            // RFC 6570, 2.1; its erratum 6937 allows the apostrophe
            if (c <= ' ' || "\"<>\\^`{|}\u007f".indexOf(c) >= 0 || (c == '%' && !Topic.isTriplet(literal, i))) {
                return false;
            }
        }
        if (!literal.isEmpty()) {
            parts.add(new Literal(Topic.normalize(literal)));
        }
        return true;
    }

    /** A part of a template: a literal or an expression. */
    sealed interface Part permits Literal, TemplateExpression {
        /** Returns the topic positions that can be reached after this part from the positions before it. */
        BitSet after(BitSet before, String topic);

        /** Returns a key: the text of a literal. Two parts with the same length and the same key match the same texts. */
        String key();

        /** Returns the number of characters of a literal, or 0 for an expression. */
        default int length() {
            return this instanceof Literal ? key().length() : 0;
        }
    }

    record Literal(String key) implements Part {
        @Override
        public BitSet after(BitSet before, String topic) {
            return advance(before, topic, key);
        }

        /** Returns a new set. */
        static BitSet advance(BitSet before, String topic, String literal) {
            BitSet after = new BitSet(topic.length() + 1);
            if (literal.isEmpty()) {
                after.or(before);
                return after;
            }
            int end = Math.min(before.length() - 1 + literal.length(), topic.length());
            for (int at = before.nextSetBit(0); at >= 0; at = before.nextSetBit(at + 1)) {
                at = topic.indexOf(literal, at, end);
                if (at < 0) {
                    break;
                }
                if (before.get(at)) {
                    after.set(at + literal.length());
                }
            }
            return after;
        }
    }
}
