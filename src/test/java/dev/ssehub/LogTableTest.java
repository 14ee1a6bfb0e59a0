package dev.ssehub;

import module java.base;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The table of the lines of the log has all messages that the code can log at INFO or above, and no others. */
class LogTableTest {
    private static final Path PAGE = Path.of("src/site/markdown/operate.md");
    private static final Path SOURCES = Path.of("src/main/java/dev/ssehub");
    private static final Pattern ROW = Pattern.compile("^\\| ([A-Z, ]+|-) \\| `([^`]+)` \\|.*\\|.*\\|$", Pattern.MULTILINE);
    private static final Pattern STATEMENT = Pattern.compile("LOG\\.log\\((?:Level\\.)?(INFO|WARNING|ERROR|level),(.*?)\\);\n"
            + "|getLogger\\(\\S+\\.log\\(Level\\.(ERROR),(.*?)\\);\n", Pattern.DOTALL);
    private static final Pattern LAST_WORDS = Pattern.compile("(?:= line\\(|System\\.err\\.println\\()(\"[^;]*?)\\);");
    private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)+)\"");
    /** Shorter pieces, such as a colon, do not tell a message from others. */
    private static final int SHORTEST = 6;
    /** A piece of this length tells a message from others. */
    private static final int LONG = 25;
    /** The classes that log sentences of others. */
    private static final List<String> LOG_OTHERS = List.of("Application", "Budget", "ClusterConnection", "Jwks", "LiveConfig",
            "Ticker", "Ticker",
            "TlsReload");

    private static final Map<String, String> CODE = read();
    private static final String ALL = String.join("\n", CODE.values());
    private static final List<Row> ROWS = rows();

    /** @param pieces the parts of the message that do not differ */
    private record Row(String level, List<String> pieces) {
        /** Returns whether the message is this row's: it has a long piece of it, or most of it. */
        boolean has(String message) {
            return pieces.stream().anyMatch(piece -> piece.contains(message)
                    || message.contains(piece) && (piece.length() >= LONG || 2 * piece.length() > message.length()));
        }
    }

    private record Message(String level, String file, String longest) {}

    private static Map<String, String> read() {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            Map<String, String> code = new TreeMap<>();
            for (Path file : files.filter(file -> file.toString().endsWith(".java") && !file.startsWith(SOURCES.resolve("bench")))
                    .toList()) {
                code.put(file.getFileName().toString().replace(".java", ""),
                        Files.readString(file).replaceAll("\"\\s*\\+\\s*\"", ""));
            }
            return code;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Row> rows() {
        try {
            String page = Files.readString(PAGE);
            return ROW.matcher(page.substring(page.indexOf("### Every line of the log"))).results()
                    .map(row -> new Row(row.group(1),
                            Stream.of(row.group(2).split("…")).map(LogTableTest::strip).filter(piece -> !piece.isEmpty())
                                    .toList()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String strip(String piece) {
        return piece.replaceAll("^[\\s,;.:()]+|[\\s,;.:()]+$", "");
    }

    private static List<Message> messages() {
        List<Message> messages = new ArrayList<>();
        CODE.forEach((file, text) -> {
            STATEMENT.matcher(text).results().forEach(log -> messages.add(message(
                    Objects.requireNonNullElse(log.group(1), "ERROR").replace("level", "INFO"), file,
                    Objects.requireNonNullElse(log.group(2), "") + Objects.requireNonNullElse(log.group(4), ""))));
            LAST_WORDS.matcher(text).results().forEach(line -> messages.add(message("-", file, line.group(1))));
        });
        return messages;
    }

    private static Message message(String level, String file, String expression) {
        return new Message(level, file, LITERAL.matcher(expression).results().map(literal -> strip(literal.group(1)))
                .max(Comparator.comparingInt(String::length)).orElse(""));
    }

    @Test
    void hasEveryMessageOfTheCode() {
        List<Message> messages = messages();
        assertThat(messages).hasSizeGreaterThan(50);
        assertThat(messages.stream().filter(message -> message.longest().length() >= SHORTEST)).allSatisfy(
                message -> assertThat(ROWS).as(message.toString())
                        .anyMatch(row -> row.level().contains(message.level()) && row.has(message.longest())));
        assertThat(messages.stream().filter(message -> message.longest().length() < SHORTEST).map(Message::file))
                .containsExactlyElementsOf(LOG_OTHERS);
    }

    @Test
    void hasNoMessageThatTheCodeDoesNotHave() {
        assertThat(ROWS).hasSizeGreaterThan(60).allSatisfy(row -> assertThat(row.pieces()).isNotEmpty()
                .allSatisfy(piece -> assertThat(ALL).as(row.pieces().stream().collect(joining(" … "))).contains(piece)));
    }
}
