package dev.ssehub.topic;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A URI template (RFC 6570, all four levels) read backwards: it selects the topics that it can be expanded to by some values
 * of its variables, each occurrence of a variable taken for itself. Topics may be IRIs (RFC 3987): where a URI has the codes
 * of a letter that is not ASCII, the letter itself is as good.
 */
public final class UriTemplate implements TopicSelector {

    // Each part of a template turns the set of positions in the topic that can be reached before it into the set that can be
    // reached after it. So a match takes about parts times length, whatever a client makes up: there is no backtracking.

    public static final int MAX_VARIABLES = 20;

    /** Where a topic begins; never changed. */
    static final BitSet BEGINNING = BitSet.valueOf(new long[]{1});

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
     * @throws IllegalArgumentException if it has more variables than {@link #MAX_VARIABLES}
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

    /** Where many are tried, the topic's normal form is made once. */
    public boolean matches(Topic topic) {
        if (text.equals(topic.name())) {
            return true;
        }
        return matches(topic.normal(), 0, BEGINNING);
    }

    /** Whether the parts but for the first ones can be expanded to what follows any of these positions in the topic. */
    public boolean matches(String topic, int first, BitSet starts) {
        List<Part> rest = parts.subList(first, parts.size());
        if (!hasLiterals(rest, topic, starts)) {
            return false;
        }
        BitSet reached = starts;
        for (Part part : rest) {
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

    List<Part> parts() {
        return parts;
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

    /** What most topics fail, at little cost: a literal that comes first is at a start, and the others follow in their order. */
    private static boolean hasLiterals(List<Part> parts, String topic, BitSet starts) {
        int from = starts.nextSetBit(0);
        int last = starts.length() - 1;
        for (Part part : parts) {
            if (part instanceof Literal(String text)) {
                int at = topic.indexOf(text, from, Math.min(last + text.length(), topic.length()));
                if (at < 0) {
                    return false;
                }
                from = at + text.length();
            }
            last = topic.length();
        }
        return true;
    }

    private static boolean addLiteral(List<Part> parts, String literal) {
        for (int i = 0; i < literal.length(); i++) {
            char c = literal.charAt(i);
            // RFC 6570, 2.1, with its erratum 6937, which lets the apostrophe in
            if (c <= ' ' || "\"<>\\^`{|}\u007f".indexOf(c) >= 0 || (c == '%' && !Topic.isTriplet(literal, i))) {
                return false;
            }
        }
        if (!literal.isEmpty()) {
            parts.add(new Literal(Topic.normalize(literal)));
        }
        return true;
    }

    /** A piece of a template. */
    sealed interface Part permits Literal, TemplateExpression {

        /** Where in the topic one can be after this part, if one can be at these positions before it. */
        BitSet after(BitSet before, String topic);

        /** How many characters it always takes, 0 if that depends. */
        int length();

        /** The same for all parts of this length that do the same. */
        String key();
    }

    record Literal(String text) implements Part {

        @Override
        public BitSet after(BitSet before, String topic) {
            return advance(before, topic, text);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public String key() {
            return text;
        }

        static BitSet advance(BitSet before, String topic, String literal) {
            BitSet after = new BitSet(topic.length() + 1);
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
