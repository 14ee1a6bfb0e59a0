package dev.ssehub.topic;

import module java.base;
import static java.util.stream.Collectors.joining;

import org.jspecify.annotations.Nullable;

/** An expression of a URI template: the text between two braces. An undefined variable expands to nothing. */
record TemplateExpression(Operator operator, List<Variable> variables) implements UriTemplate.Part {
    private static final Pattern MODIFIER = Pattern.compile("(?::([1-9][0-9]{0,3})|(\\*))?");

    /** Parses the text between two braces. Returns {@code null} if it is not an expression. */
    static @Nullable TemplateExpression parse(String text) {
        Operator operator = Operator.of(text);
        List<Variable> variables = new ArrayList<>();
        for (String each : text.substring(operator.sign.length()).split(",", -1)) {
            int end = nameEnd(each);
            Matcher modifier = MODIFIER.matcher(each.substring(end));
            if (end == 0 || !modifier.matches()) {
                return null;
            }
            int length = modifier.group(1) == null ? 0 : Integer.parseInt(modifier.group(1));
            variables.add(new Variable(each.substring(0, end), length, modifier.group(2) != null));
        }
        return new TemplateExpression(operator, List.copyOf(variables));
    }

    /**
     * Returns the index after the name of a variable with which the text begins, or 0 if it does not begin with a name (RFC 6570,
     * section 2.3). A regular expression would use more of the stack, the longer the name is.
     */
    private static int nameEnd(String text) {
        int end = 0;
        int next = afterNameCharacter(text, 0);
        while (next > end) {
            end = next;
            next = afterNameCharacter(text, text.startsWith(".", end) ? end + 1 : end);
        }
        return end;
    }

    /** Returns the index after the character or percent code at {@code at}, or 0 if it cannot be in a name. */
    private static int afterNameCharacter(String text, int at) {
        char c = at < text.length() ? text.charAt(at) : 0;
        if (c == '_' || (c < 0x80 && Character.isLetterOrDigit(c))) {
            return at + 1;
        }
        return Topic.isTriplet(text, at) ? at + 3 : 0;
    }

    @Override
    public BitSet after(BitSet before, String topic) {
        BitSet starts = UriTemplate.Literal.advance(before, topic, operator.first);
        if (starts.isEmpty()) {
            return before;
        }
        BitSet after = variables.getFirst().after(starts, topic, operator);
        for (int i = 1; i < variables.size(); i++) {
            starts = UriTemplate.Literal.advance(after, topic, operator.separator);
            starts.or(UriTemplate.Literal.advance(before, topic, operator.first));
            after.or(variables.get(i).after(starts, topic, operator));
        }
        after.or(before);
        return after;
    }

    @Override
    public String key() {
        return operator.sign + variables.stream().map(variable -> variable.key(operator)).collect(joining(","));
    }

    /** The operators of RFC 6570, appendix A. The last one has no sign. */
    enum Operator {
        RESERVED("+", "", ",", false, false, true), FRAGMENT("#", "#", ",", false, false, true), //
        LABEL(".", ".", ".", false, false, false), PATH("/", "/", "/", false, false, false), //
        PARAMETER(";", ";", ";", true, true, false), QUERY("?", "?", "&", true, false, false), //
        CONTINUATION("&", "&", "&", true, false, false), SIMPLE("", "", ",", false, false, false);

        private final String sign;
        private final String first;
        private final String separator;
        private final boolean named;
        /** Whether an empty value is written as the name without {@code =}. */
        private final boolean bareNames;
        /** The ASCII characters that a value can contain, one bit each: U+0000 to U+003F here, the others in the upper half. */
        private final long lowerHalf;
        private final long upperHalf;

        Operator(String sign, String first, String separator, boolean named, boolean bareNames, boolean allowsReserved) {
            this.sign = sign;
            this.first = first;
            this.separator = separator;
            this.named = named;
            this.bareNames = bareNames;
            String characters = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                    + (allowsReserved ? ":/?#[]@!$&'()*+,;=" : "");
            this.lowerHalf = bits(characters, 0);
            this.upperHalf = bits(characters, Long.SIZE);
        }

        private static long bits(String characters, int from) {
            return characters.chars().filter(c -> c >= from && c < from + Long.SIZE).mapToLong(c -> 1L << c).sum();
        }

        /** Returns the operator with whose sign the text begins. */
        static Operator of(String text) {
            return Stream.of(values()).filter(operator -> text.startsWith(operator.sign)).findFirst().orElseThrow();
        }

        /** Returns whether a value can contain this char of a topic's normal form. */
        boolean allows(char c) {
            return Topic.isPercentCode(c) || ((c < Long.SIZE ? lowerHalf : upperHalf) >>> c & 1) != 0;
        }
    }

    /**
     * A variable. Its value is cut to {@code maxLength} characters, unless that is 0. If it explodes, each item of a list, or
     * each pair of a map, is expanded separately.
     */
    record Variable(String name, int maxLength, boolean explode) {
        Variable {
            name = Topic.normalize(name); // a name can contain percent codes
        }

        /** Returns a key that is equal for variables that match the same. It contains the name only if the operator writes it. */
        String key(Operator operator) {
            return explode ? "*" : (operator.named ? name : "") + (maxLength > 0 ? ":" + maxLength : "");
        }

        /** Returns the positions that can be reached from the starts, which it may change. */
        BitSet after(BitSet starts, String topic, Operator operator) {
            if (explode) {
                BitSet after = pairs(starts, topic, operator);
                if (!operator.named) {
                    after.or(values(starts, topic, operator, operator.separator.charAt(0)));
                }
                return after;
            }
            BitSet names = operator.named ? UriTemplate.Literal.advance(starts, topic, name) : starts;
            BitSet after = operator.named ? UriTemplate.Literal.advance(names, topic, "=") : starts;
            values(after, topic, operator, ',');
            if (operator.bareNames) {
                after.or(names);
            }
            return after;
        }

        /**
         * Adds the positions at which a value can end, and returns them. A value without a maximum length can also be a list or a
         * map, written with separators.
         */
        private BitSet values(BitSet starts, String topic, Operator operator, char separator) {
            // of several starts, the last one before a position needs the smallest number of characters
            int next = starts.nextSetBit(0);
            while (next >= 0) {
                int last = starts.nextClearBit(next) - 1;
                next = starts.nextSetBit(last + 1);
                int limit = next < 0 ? topic.length() : next;
                int end = maxLength > 0
                        ? prefixEnd(topic, last, limit, operator)
                        : listEnd(topic, last, limit, operator, separator);
                starts.set(last + 1, end + 1);
            }
            return starts;
        }

        /** Percent codes of UTF-8 continuation bytes do not count as characters. */
        private int prefixEnd(String topic, int start, int limit, Operator operator) {
            int characters = 0;
            int at = start;
            while (at < limit && operator.allows(topic.charAt(at))) {
                characters += Topic.isContinuation(topic.charAt(at)) ? 0 : 1;
                if (characters > maxLength) {
                    break;
                }
                at++;
            }
            return at;
        }

        private static int listEnd(String topic, int start, int limit, Operator operator, char separator) {
            int at = start;
            while (at < limit && (operator.allows(topic.charAt(at)) || topic.charAt(at) == separator)) {
                at++;
            }
            return at;
        }

        /** Matches pairs of a key and a value, or the items of a named list, which are written in the same way. */
        private static BitSet pairs(BitSet starts, String topic, Operator operator) {
            BitSet after = new BitSet(topic.length() + 1);
            char separator = operator.separator.charAt(0);
            boolean key = false;
            boolean value = false;
            for (int at = starts.nextSetBit(0); at >= 0; at = key || value ? at + 1 : starts.nextSetBit(at + 1)) {
                key |= starts.get(at);
                boolean complete = value || (operator.bareNames && key);
                after.set(at, complete);
                if (at == topic.length()) {
                    break;
                }
                char c = topic.charAt(at);
                boolean allowed = operator.allows(c);
                value = (value && allowed) || (key && c == '=');
                key = (key && allowed) || (complete && c == separator);
            }
            return after;
        }
    }
}
