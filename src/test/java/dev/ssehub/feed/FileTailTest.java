package dev.ssehub.feed;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

class FileTailTest {
    private enum Kind {
        APPEND, READ, RENAME, DELETE, CREATE, APPEND_TO_OLD, TRUNCATE
    }

    /** An action of the writer, or of the program that rotates its file. */
    private record Step(Kind kind, byte[] bytes) {
        @Override
        public String toString() {
            return kind + Arrays.toString(bytes);
        }
    }

    private final List<String> lines = new ArrayList<>();
    private @Nullable Path folder;

    @BeforeTry
    void createFolder() throws IOException {
        lines.clear();
        folder = Files.createTempDirectory("tail");
    }

    @AfterTry
    void deleteFolder() throws IOException {
        for (Path left : contents()) {
            Files.delete(left);
        }
        Files.delete(folder);
    }

    private List<Path> contents() throws IOException {
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }

    private Path file() {
        return folder.resolve("log");
    }

    private FileTail tail() {
        return new FileTail(file(), new LineSplitter(lines::add));
    }

    /** The size of such a file is always 0, so it would always look truncated. */
    @Example
    void aFileWithMoreBytesThanItsSizeCannotBeFollowed() {
        Path always = Path.of("/proc/loadavg");
        Assumptions.assumeTrue(Files.exists(always), "SKIPPED: needs /proc");
        try (FileTail tail = new FileTail(always, new LineSplitter(lines::add))) {
            assertThatIOException().isThrownBy(tail::read).withMessageEndingWith("it contained more bytes than its size");
            assertThatIOException().isThrownBy(tail::read);
        }
        assertThat(lines).hasSizeLessThan(4);
    }

    /** Runs the steps, and knows which lines the tail must have read. */
    private final class Oracle {
        private final FileTail tail;
        private final List<String> expected = new ArrayList<>();
        /** The unread content of the followed file, without its content at the start. */
        private ByteArrayOutputStream followed = new ByteArrayOutputStream();
        private long length;
        /** The place of that file; null if it was deleted. */
        private @Nullable Path place;
        /** The content of the file at the path, if it is another file. */
        private @Nullable ByteArrayOutputStream next;
        private int renamed;

        Oracle() throws IOException {
            place = Files.writeString(file(), "what is old is not seen\nand neither is this");
            length = Files.size(place);
            tail = tail();
        }

        void take(Step step) throws IOException {
            switch (step.kind()) {
                case APPEND -> {
                    create();
                    append(file(), step.bytes());
                }
                case READ -> read();
                case CREATE -> create();
                case RENAME -> {
                    settle();
                    if (Files.exists(file())) {
                        Path to = Files.move(file(), folder.resolve("log." + ++renamed));
                        place = next == null ? to : place;
                        next = null;
                    }
                }
                case DELETE -> {
                    settle();
                    if (Files.deleteIfExists(file()) && next == null) {
                        place = null;
                    }
                    next = null;
                }
                case APPEND_TO_OLD -> {
                    if (place != null && (next == null || next.size() == 0)) {
                        append(place, step.bytes());
                    }
                }
                case TRUNCATE -> {
                    settle();
                    if (file().equals(place) && length > step.bytes().length) {
                        Files.write(file(), step.bytes());
                        endFile(new ByteArrayOutputStream());
                        followed.writeBytes(step.bytes());
                        length = step.bytes().length;
                        read();
                    }
                }
            }
        }

        /** A file that appears and disappears between two reads is missed. */
        private void settle() throws IOException {
            read();
        }

        private void create() throws IOException {
            if (!Files.exists(file())) {
                Files.createFile(file());
                next = new ByteArrayOutputStream();
            }
        }

        private void append(Path to, byte[] bytes) throws IOException {
            Files.write(to, bytes, StandardOpenOption.APPEND);
            if (to.equals(place)) {
                followed.writeBytes(bytes);
                length += bytes.length;
            } else {
                next.writeBytes(bytes);
            }
        }

        private void read() throws IOException {
            tail.read();
            if (next != null && next.size() > 0) {
                length = next.size();
                endFile(next);
                place = file();
                next = null;
            }
            List<String> all = new ArrayList<>(expected);
            List<String> last = split(followed);
            all.addAll(last.subList(0, last.size() - 1));
            assertThat(lines).isEqualTo(all);
        }

        private void endFile(ByteArrayOutputStream follower) {
            List<String> rest = split(followed);
            if (rest.getLast().isEmpty()) {
                rest.removeLast();
            }
            expected.addAll(rest);
            followed = follower;
        }

        private static List<String> split(ByteArrayOutputStream bytes) {
            return new ArrayList<>(List.of(bytes.toString(UTF_8).split("\n", -1)));
        }
    }

    @Property(tries = 500)
    void everyLineIsReadOnceAndInOrder(
            @ForAll("steps") @Size(max = 40) List<Step> steps) throws IOException {
        Oracle oracle = new Oracle();
        try (oracle.tail) {
            for (Step step : steps) {
                oracle.take(step);
            }
            oracle.read();
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<byte[]> bytes = Arbitraries.of("a", "b\n", "\n", "line\nand more", "€", "😀\n").list().ofMaxSize(4)
                .map(pieces -> String.join("", pieces).getBytes(UTF_8))
                .flatMap(text -> Arbitraries.integers().between(0, text.length).map(end -> Arrays.copyOf(text, end)));
        return Arbitraries.of(Kind.class).flatMap(kind -> bytes.map(text -> new Step(kind, text))).list();
    }

    @Example
    void aFileThatAppearsIsReadFromItsBeginning() throws IOException {
        try (FileTail tail = tail()) {
            tail.read();
            Files.writeString(file(), "first\n");
            tail.read();

            assertThat(lines).containsExactly("first");
        }
    }

    @Example
    void readsMoreThanTheBufferHoldsAtOnce() throws IOException {
        Files.createFile(file());
        try (FileTail tail = tail()) {
            Files.writeString(file(), "0123456789\n".repeat(100_000));
            tail.read();

            assertThat(lines).hasSize(100_000).containsOnly("0123456789");
        }
    }

    @Example
    void reportsAnUnreadablePathAndStillReadsTheOpenFile() throws IOException {
        Files.createFile(file());
        try (FileTail tail = tail()) {
            Path old = Files.move(file(), folder.resolve("log.1"));
            Files.createDirectory(file());
            Files.writeString(old, "rest\n");
            assertThatIOException().isThrownBy(tail::read)
                    .withMessage(file() + " is not a regular file, so it cannot be followed");
            Files.delete(file());
            Files.writeString(file(), "new\n");
            tail.read();

            assertThat(lines).containsExactly("rest", "new");
        }
    }

    /** Otherwise a hub would run out of file descriptors after some months. */
    @Example
    void holdsOneFileOpenAfterManyRotations() throws IOException {
        try (FileTail tail = tail()) {
            for (int i = 0; i < 50; i++) {
                Files.writeString(file(), i + "\n");
                tail.read();
                assertThat(openFiles()).as("after %d", i).isEqualTo(1);
                Files.delete(file());
            }
        }
        assertThat(openFiles()).isZero();
        assertThat(lines).hasSize(50);
    }

    private long openFiles() throws IOException {
        long count = 0;
        try (var links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path link : links) {
                try {
                    count += Files.readSymbolicLink(link).toString().startsWith(folder.toString()) ? 1 : 0;
                } catch (IOException e) {
                    // closed in the meantime, such as the descriptor of the listed directory
                }
            }
        }
        return count;
    }
}
