package dev.ssehub.topic;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Compares the matching of templates with the examples of the RFC, with a library that expands templates (handy-uri-templates), and
 * with regular expressions.
 */
class UriTemplateTest {
    private static final List<String> OPERATORS = List.of("", "+", "#", ".", "/", ";", "?", "&");
    private static final String UNRESERVED = "(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})";
    /** Percent codes of UTF-8 continuation bytes. They do not count as characters. */
    private static final String CONTINUATIONS = "(?:%[89ABab][0-9A-Fa-f])*";
    private static final String ANY = "(?:[A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})";

    @Example
    void matchesTheExamplesOfTheRfc() throws IOException {
        List<String> examples = Files.readAllLines(Path.of("src/test/resources/rfc6570-examples.txt"));
        int checked = 0;
        for (String example : examples) {
            if (!example.startsWith("# ")) {
                String[] parts = example.split("\t");
                assertThat(matches(parts[0], parts[1])).as(example).isTrue();
                assertThat(matches(parts[0], parts[1] + " ")).as(example).isFalse();
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(110);
    }

    @Example
    void doesNotMatchATopicThatIsNoExpansion() {
        assertDiffers("/books/{id}", "/books/1/reviews", "/books", "/book/1", "x/books/1", "/books/a b", "/books/%zz",
                "/books/%4");
        assertDiffers("/books/{id}.json", "/books/1", "/books/1.jso", "/books/1.jsonx");
        assertDiffers("{var:3}", "four", "a,b", "%41%42%43%44");
        assertDiffers("{/var}", "value", "//value", "/a/b");
        assertDiffers("{/list*}", "red", "/red//a b");
        assertDiffers("{?x,y}", "?y=1&x=2", "?z=1", "?x", "x=1", "?x=1&", "?x=1;y=2");
        assertDiffers("{;x,y}", ";x=1,y=2x=", ";xx=1");
        assertDiffers("{?keys*}", "?a", "?a=1&b");
        assertDiffers("X{.x}", "Xa", "X.a/b");
        assertDiffers("{#x}", "x", "#a b", "#\"");
    }

    /** The stack must not grow with the name. */
    @Example
    void parsesLongNames() {
        for (String character : List.of("a", "%41", "a.", ".", "%4", "%")) {
            String name = character.repeat(100_000);
            assertThat(TemplateExpression.parse(name) != null).as(character).isEqualTo(List.of("a", "%41").contains(character));
            assertThat(TemplateExpression.parse(name + "b:3,c*") != null).as(character)
                    .isEqualTo(List.of("a", "%41", "a.").contains(character));
        }
        assertThat(TopicSelector.parse("{" + "a".repeat(1014) + "}").variables()).isEqualTo(1);
    }

    @Example
    void parsesNamesAsTheRfcDefinesThem() {
        for (String name : List.of("a", "_", "9", "a.b", "%41", "a.%41_", "a:1", "a:9999", "a*", "a,b", "+a.b:3,c*")) {
            assertThat(TemplateExpression.parse(name)).as(name).isNotNull();
        }
        for (String name : List.of("", "..a", "a.", "a..b", "%4", "%4g", "a%", "\u00e9", "\u0663", "a-b", "a b", "a:", "a:0",
                "a:01",
                "a:10000", "a:x", "a**", "a*:1", "a:1*", ":1", "*", "a,", ",a", "a,,b", "=a", "!a", "a.:1")) {
            assertThat(TemplateExpression.parse(name)).as(name).isNull();
        }
    }

    @Example
    void matchesATopicThatCanBeAnExpansion() {
        assertMatches("/books/{id}", "/books/1", "/books/", "/books/1,2", "/books/%E2%82%AC", "/books/a-b_c.d~e");
        assertMatches("{+any}", "", "http://example.com/?a=b&c#d", "a,b");
        assertMatches("{/path*}", "", "/a", "/a/b/c", "/", "/a=1/b=2", "/.");
        assertMatches("{a}{b}{c}", "", "anything");
        assertMatches("{var:3}", "", "abc", "%41%42%43", "%E2%82%AC%E2%82%AC%E2%82%AC", "\u20AC\u20AC\u20AC");
        assertMatches("{;keys*}", ";a", ";a;b=1", ";a=1;b");
        assertMatches("https://example.com/users/foo/{?topic}",
                "https://example.com/users/foo/?topic=https%3A%2F%2Fexample.com%2Fbooks%2F1");
    }

    /** In Mercure, topics are IRIs. */
    @Example
    void aNonAsciiCharacterMatchesItsPercentCodes() {
        assertMatches("/b\u00fccher/{id}", "/b\u00fccher/\u00e4", "/b%C3%BCcher/%C3%A4", "/b%C3%BCcher/\uD83D\uDE00");
        assertDiffers("/b\u00fccher/{id}", "/bucher/1", "/b%C3%BC/1");
        assertThat(matches("caf\u00e9{/id}", "caf\u00e9/1")).isTrue();
        assertMatches("/\u00e9\u00fc/{x}", "/%c3%a9\u00fc/1", "/\u00e9%C3%BC/%e2%82%ac");
        assertMatches("/%C3%A9/{x}", "/\u00e9/1", "/%c3%a9/1");
        assertMatches("{?a%c3%a9}", "?a%C3%A9=1", "?a\u00e9=1");
    }

    @Example
    void aTemplateSelectsItsOwnTextAndTemplatesAreEqualByText() {
        TopicSelector template = TopicSelector.parse("/books/{id}");

        assertThat(template).isInstanceOf(UriTemplate.class).isEqualTo(TopicSelector.parse("/books/{id}"))
                .hasSameHashCodeAs(TopicSelector.parse("/books/{id}")).isNotEqualTo(TopicSelector.parse("/books/{x}"))
                .hasToString("/books/{id}");
        assertThat(template.matches("/books/{id}")).isTrue();
        assertThat(template.matches("/books/{other}")).isFalse();
        assertThat(template.text()).isEqualTo("/books/{id}");
    }

    @Example
    void aTextWithBracesThatIsNoTemplateIsAnExactTopic() {
        for (String text : List.of("{", "}", "{}", "a{b", "a}b", "{a", "a}", "{a}}", "{{a}}", "{a b}", "{a,}", "{,a}", "{a:}",
                "{a:0}", "{a:10000}", "{a:x}", "{a*:3}", "{a:3*}", "{a**}", "{=a}", "{!a}", "{@a}", "{|a}", "{a.}", "{.a.}",
                "{a-b}",
                "{%4}", "{\u00e4}", "a b{c}", "<{a}>", "50%{a}", "^{a}", "\"{a}\"", "{\"id\":1}", "function() { return {a}; }")) {
            TopicSelector selector = TopicSelector.parse(text);
            assertThat(selector).as(text).isEqualTo(new TopicSelector.Exact(text));
            assertThat(selector.matches(text)).isTrue();
            assertThat(selector.matches("a")).isFalse();
        }
        assertThat(TopicSelector.parse("/books/1")).isInstanceOf(TopicSelector.Exact.class);
        assertThat(TopicSelector.parse("*")).isEqualTo(new TopicSelector.Any());
        assertThat(TopicSelector.parse("{a.b_c%41}")).isInstanceOf(UriTemplate.class);
        assertThat(TopicSelector.parse("it's{a}")).isInstanceOf(UriTemplate.class);
    }

    @Example
    void anInvalidSelectorIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> TopicSelector.parse("")).withMessage("the topic must not be empty");
        assertThatIllegalArgumentException().isThrownBy(() -> TopicSelector.parse("x".repeat(1025)))
                .withMessage("a topic may have at most 1024 characters, this one has 1025");
        assertThatIllegalArgumentException().isThrownBy(() -> TopicSelector.parse("a\nb")).withMessageContaining("U+000A at 1");
        assertThatIllegalArgumentException().isThrownBy(() -> TopicSelector.parse("{a}".repeat(21)))
                .withMessage("a URI template may have at most 20 variables, this one has 21");
    }

    /** A matcher with backtracking would not end within a lifetime. */
    @Example
    void matchingIsFastForAnyTemplate() {
        List<String> templates = List.of("{a}".repeat(20) + "!", "{+a}".repeat(20) + "\u00e4", "{/a*}".repeat(20) + "!",
                "{?a*,b*,c*}{&d*,e*,f*}!", "{+a*,b*,c*,d*,e*,f*,g*,h*}!", "{a:9999}".repeat(20) + "!");
        String topic = "a=b&/,.".repeat(140);
        long start = System.nanoTime();
        for (String template : templates) {
            assertThat(matches(template, topic)).as(template).isFalse();
            assertThat(matches(template, "a".repeat(1_000))).as(template).isFalse();
        }
        assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
    }

    /** The memory of a match is counted, because the time also depends on the machine. */
    @Example
    void aVariableTakesOneBitForEachPositionOfTheTopic() {
        TopicSelector template = TopicSelector.parse("/orders/" + "{a:5}".repeat(20));
        assertThat(allocated(template, "/orders/7")).isLessThan(64 * 21);
        String topic = "/orders/" + "\u20ac".repeat(900); // each of the characters has three percent codes
        int units = topic.length() * 3;
        long ofNormalForm = 8L * units;
        assertThat(allocated(template, topic)).isLessThan(ofNormalForm + 21 * (units / 8 + 64));
    }

    private static long allocated(TopicSelector template, String topic) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        template.matches(topic);
        long before = threads.getCurrentThreadAllocatedBytes();
        template.matches(topic);
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @Property(tries = 3_000)
    void matchesTheExpansionsOfALibrary(@ForAll("templates") String template, @ForAll("values") Map<String, Object> values) {
        com.damnhandy.uri.template.UriTemplate library = com.damnhandy.uri.template.UriTemplate.fromTemplate(template);
        boolean prefixOfList = values.entrySet().stream()
                .anyMatch(value -> !(value.getValue() instanceof String) && template.contains(value.getKey() + ":"));
        if (!prefixOfList) { // the RFC does not define this
            String topic = library.expand(values);
            if (!topic.contains("*")) { // the library leaves it there if an exploded named variable is empty
                assertThat(matches(template, topic)).as("%s matches %s", template, topic).isTrue();
            }
        }
    }

    @Example
    void continuationBytesDoNotCountAsCharacters() {
        assertThat(matches("{x:3}", "xa%a41")).isTrue();
        assertThat(matches("{x:3}", "xa%c3%a41")).isFalse();
        assertThat("xa%a41").matches(regex("{x:3}"));
        assertThat("xa%c3%a41").doesNotMatch(regex("{x:3}"));
    }

    @Property(tries = 20_000)
    void matchesTheSameTopicsAsARegularExpression(@ForAll("templates") String template, @ForAll("topics") String topic,
            @ForAll Random random) {
        Pattern regex = Pattern.compile(regex(template));
        String other = mutate(topic, random);
        assertThat(matches(template, topic)).as("%s matches %s, as %s", template, topic, regex)
                .isEqualTo(regex.matcher(topic).matches());
        assertThat(matches(template, other)).as("%s matches %s, as %s", template, other, regex)
                .isEqualTo(regex.matcher(other).matches());
    }

    @Provide
    Arbitrary<String> templates() {
        Arbitrary<String> variable = Combinators.combine(Arbitraries.of("x", "y", "z"), Arbitraries.of("", "", "*", ":1", ":3"))
                .as(String::concat);
        Arbitrary<String> expression = Combinators
                .combine(Arbitraries.of(OPERATORS), variable.list().ofMinSize(1).ofMaxSize(3))
                .as((operator, variables) -> "{" + operator + String.join(",", variables) + "}");
        Arbitrary<String> literal = Arbitraries.of("", "a", "/", "x=", ".", "b/");
        return Combinators.combine(literal, expression, literal, expression, literal)
                .as((a, b, c, d, e) -> a + b + c + (b.length() > d.length() ? d : "") + e);
    }

    @Provide
    Arbitrary<Map<String, Object>> values() {
        Arbitrary<String> text = Arbitraries.of("", "1", "a", "b c", "a/b", "%", "50%25", "\u00e4", "\uD83D\uDE00", ",", "=",
                "a;b&c", "~._-");
        Arbitrary<Object> value = Arbitraries.oneOf(text.map(it -> it), text.list().ofMinSize(1).ofMaxSize(3).map(it -> it),
                Arbitraries.maps(Arbitraries.of("k", "l", "m"), text).ofMinSize(1).map(LinkedHashMap::new));
        return Arbitraries.maps(Arbitraries.of("x", "y", "z"), value);
    }

    @Provide
    Arbitrary<String> topics() {
        return Arbitraries
                .of("a", "b", "x", "y", "/", ".", ",", ";", "?", "&", "=", "#", "%41", "1", "x=", "?x=", "&y=", ";z", " ", "\"")
                .list().ofMaxSize(9).map(parts -> String.join("", parts));
    }

    private static String mutate(String topic, Random random) {
        int at = random.nextInt(topic.length() + 1);
        return topic.substring(0, at) + List.of("", "a", "/", "=", ",", "%41").get(random.nextInt(6))
                + topic.substring(Math.min(topic.length(), at + random.nextInt(2)));
    }

    private static String regex(String template) {
        StringBuilder regex = new StringBuilder();
        int start = 0;
        for (int open = template.indexOf('{'); open >= 0; open = template.indexOf('{', start)) {
            int close = template.indexOf('}', open);
            regex.append(Pattern.quote(template.substring(start, open))).append(expression(template.substring(open + 1, close)));
            start = close + 1;
        }
        return regex.append(Pattern.quote(template.substring(start))).toString();
    }

    /** Any of the variables can be undefined, so the regular expression contains every combination. */
    private static String expression(String expression) {
        String operator = OPERATORS.contains(expression.substring(0, 1)) ? expression.substring(0, 1) : "";
        String[] variables = expression.substring(operator.length()).split(",");
        String first = operator.equals("+") ? "" : operator;
        String separator = switch (operator) {
            case "", "+", "#" -> ",";
            case "?" -> "&";
            default -> operator;
        };
        List<String> choices = new ArrayList<>(List.of(""));
        for (int choice = 1; choice < 1 << variables.length; choice++) {
            List<String> defined = new ArrayList<>();
            for (int i = 0; i < variables.length; i++) {
                if ((choice & 1 << i) != 0) {
                    defined.add(variable(variables[i], operator, Pattern.quote(separator)));
                }
            }
            choices.add(Pattern.quote(first) + String.join(Pattern.quote(separator), defined));
        }
        return "(?:" + String.join("|", choices) + ")";
    }

    private static String variable(String variable, String operator, String separator) {
        String character = operator.equals("+") || operator.equals("#") ? ANY : UNRESERVED;
        String name = variable.substring(0, 1);
        boolean named = ";?&".contains(operator) && !operator.isEmpty();
        boolean bare = operator.equals(";");
        if (variable.endsWith("*")) {
            String value = "=" + character + "*";
            String pair = character + "*" + (bare ? "(?:" + value + ")?" : value);
            String pairs = pair + "(?:" + separator + pair + ")*";
            String items = character + "*(?:" + separator + character + "*)*";
            return "(?:" + pairs + (named ? "" : "|" + items) + ")";
        }
        String value = variable.contains(":")
                ? CONTINUATIONS + "(?:(?!%[89ABab])" + character + CONTINUATIONS + "){0," + variable.substring(2) + "}"
                : "(?:" + character + "|,)*";
        String nameAndValue = Pattern.quote(name) + "=" + value;
        return !named ? value : bare ? "(?:" + nameAndValue + "|" + Pattern.quote(name) + ")" : nameAndValue;
    }

    private static void assertMatches(String template, String... topics) {
        for (String topic : topics) {
            assertThat(matches(template, topic)).as("%s matches %s", template, topic).isTrue();
        }
    }

    private static void assertDiffers(String template, String... topics) {
        for (String topic : topics) {
            assertThat(matches(template, topic)).as("%s matches %s", template, topic).isFalse();
        }
    }

    private static boolean matches(String template, String topic) {
        return TopicSelector.parse(template).matches(topic);
    }
}
