package dev.ssehub.feed;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFeedTest {
    private static final Duration INTERVAL = Duration.ofMillis(10);

    @TempDir
    private Path folder;

    private LogFeed follow(Events events, Path file) {
        return new LogFeed(events.hub, "log", INTERVAL, file, InstantSource.system(), Reach.NODE);
    }

    @Test
    void theLinesOfOneIntervalAreOneEvent() throws Exception {
        Path file = Files.writeString(folder.resolve("log"), "old\n");
        try (Events events = new Events("log"); LogFeed _ = follow(events, file)) {
            append(file, "one\n\ntwo\n");

            assertThat(events.next()).isEqualTo(new Events.Event("log", "one\n\ntwo"));
            append(file, "\n");
            assertThat(events.next()).isEqualTo(new Events.Event("log", ""));
        }
    }

    /** The program writes to the renamed file until it opens the new one, as programs do. */
    @Test
    void noLineIsLostWhileTheFileIsRotated() throws Exception {
        int perFile = 2_000;
        int files = 10;
        Path file = Files.createFile(folder.resolve("log"));
        try (Events events = new Events("log"); LogFeed _ = follow(events, file)) {
            for (int i = 0; i < files; i++) {
                List<String> lines = new ArrayList<>();
                try (BufferedWriter writer = Files.newBufferedWriter(file)) {
                    for (int j = 0; j < perFile; j++) {
                        writer.write(i * perFile + j + "\n");
                        if (j % 100 == 0) {
                            writer.flush();
                        }
                        if (j == perFile / 2) {
                            lines.addAll(events.lines(1)); // a file that exists for less than an interval is missed
                            Files.move(file, folder.resolve("log." + i));
                            Files.createFile(file);
                        }
                    }
                }
                lines.addAll(events.lines(perFile - lines.size()));
                assertThat(lines).isEqualTo(numbers(i * perFile, perFile));
            }
        }
    }

    @Test
    void manyLinesAreSeveralEventsOfLimitedSize() throws Exception {
        Path file = folder.resolve("log");
        try (Events events = new Events("log"); LogFeed _ = follow(events, file)) {
            String line = "€".repeat(1000);
            Files.writeString(file, (line + "\n").repeat(200));

            for (int lines = 0; lines < 200;) {
                String data = events.next().data();
                assertThat(data.getBytes(UTF_8).length).isLessThan(LogFeed.MAX_EVENT_BYTES);
                assertThat(data.split("\n")).containsOnly(line);
                lines += data.split("\n").length;
            }
        }
    }

    @Test
    void aLongLineIsCut() throws Exception {
        Path file = Files.createFile(folder.resolve("log"));
        try (Events events = new Events("log"); LogFeed _ = follow(events, file)) {
            append(file, "x".repeat(8192) + "yy\r\nnext\n");

            assertThat(events.lines(2)).containsExactly("x".repeat(8192) + " … (cut: 2 more bytes)", "next");
        }
    }

    @Test
    void aFileThatIsDeletedAndCreatedAgainIsReadFromItsBeginning() throws Exception {
        Path file = folder.resolve("log");
        try (Events events = new Events("log"); LogFeed _ = follow(events, file)) {
            for (String text : List.of("first", "second")) {
                Files.writeString(file, text + "\n");
                assertThat(events.next().data()).isEqualTo(text);
                Files.delete(file);
            }
        }
    }

    @Test
    void publishesNothingAfterClose() throws Exception {
        Path file = Files.createFile(folder.resolve("log"));
        try (Events events = new Events("log")) {
            LogFeed feed = follow(events, file);
            append(file, "before\n");
            assertThat(events.next().data()).isEqualTo("before");
            feed.close();
            feed.close();
            append(file, "after\n");
            long published = events.hub.published();

            try (LogFeed _ = follow(events, file)) {
                append(file, "another\n");
                assertThat(events.next().data()).isEqualTo("another");
            }
            assertThat(events.hub.published()).isEqualTo(published + 1);
        }
    }

    private static List<String> numbers(int from, int count) {
        return IntStream.range(from, from + count).mapToObj(Integer::toString).toList();
    }

    private static void append(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }
}
