package dev.ssehub.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
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

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

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
        String normal = normalize(topic);
        if (!hasLiterals(normal)) {
            return false;
        }
        BitSet reached = new BitSet(normal.length() + 1);
        reached.set(0);
        for (Part part : parts) {
            reached = part.after(reached, normal);
            if (reached.isEmpty()) {
                return false;
            }
        }
        return reached.get(normal.length());
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
        if (parts.getFirst() instanceof Literal first && !topic.startsWith(first.text())) {
            return false;
        }
        int from = 0;
        for (Part part : parts) {
            if (part instanceof Literal literal) {
                int at = topic.indexOf(literal.text(), from);
                if (at < 0) {
                    return false;
                }
                from = at + literal.text().length();
            }
        }
        return true;
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
            parts.add(new Literal(normalize(literal)));
        }
        return true;
    }

    /** As an expansion has it: what is not ASCII is percent codes, and those are in upper case. */
    private static String normalize(String text) {
        if (isNormal(text)) {
            return text;
        }
        StringBuilder normal = new StringBuilder(text.length() + 16);
        int codes = 0; // so many digits of a percent code are still to come
        for (byte b : text.getBytes(UTF_8)) {
            if (b < 0) {
                HEX.toHexDigits(normal.append('%'), b);
            } else {
                normal.append(codes > 0 ? Character.toUpperCase((char) b) : (char) b);
            }
            codes = b == '%' ? 2 : codes - 1;
        }
        return normal.toString();
    }

    private static boolean isNormal(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80 || c == '%') {
                return false;
            }
        }
        return true;
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

    record Literal(String text) implements Part {

        @Override
        public BitSet after(BitSet before, String topic) {
            return advance(before, topic, text);
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
