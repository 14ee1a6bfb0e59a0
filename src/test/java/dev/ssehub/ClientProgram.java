package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;

/** A client that is a program of its own. It prints {@code open}, {@code end}, or an event on each line. */
final class ClientProgram implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Path NODE = Path.of("src/test/node").toAbsolutePath();
    private static final Path GO = Path.of("target/go-clients").toAbsolutePath();
    private static final Path PYTHON = Path.of("target/python").toAbsolutePath();

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private ClientProgram(ProcessBuilder program) throws IOException {
        process = program.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Thread.ofVirtual().start(this::copy);
    }

    static ClientProgram node(String... arguments) throws Exception {
        installNodePackages();
        ProcessBuilder program = new ProcessBuilder("node").directory(NODE.toFile());
        program.command().addAll(List.of(arguments));
        return new ClientProgram(program);
    }

    static ClientProgram go(String... arguments) throws Exception {
        ProcessBuilder build = new ProcessBuilder("go", "build", "-o", GO.toString(), ".").directory(new File("src/test/go"));
        build.environment().put("CGO_ENABLED", "0");
        install("go", "the tests of Go's clients need go (1.26 or later) on the PATH, and a proxy of Go modules",
                () -> List.of(build));
        ProcessBuilder program = new ProcessBuilder(GO.toString());
        program.command().addAll(List.of(arguments));
        return new ClientProgram(program);
    }

    static ClientProgram python(String... arguments) throws Exception {
        Path wanted = Path.of("src/test/python/requirements.txt");
        Path installed = PYTHON.resolve("requirements.txt");
        install("python",
                "the tests of Python's clients need python3 (3.10 or later) with pip on the PATH, and the index of PyPI",
                () -> Files.exists(installed) && Files.mismatch(wanted, installed) < 0
                        ? List.of()
                        : List.of(
                                new ProcessBuilder("python3", "-m", "pip", "install", "-q", "--upgrade", "--target",
                                        PYTHON.toString(), "-r", wanted.toString()),
                                new ProcessBuilder("cp", wanted.toString(), installed.toString())));
        ProcessBuilder program = new ProcessBuilder("python3", "src/test/python/clients.py");
        program.environment().put("PYTHONPATH", PYTHON.toString());
        program.command().addAll(List.of(arguments));
        return new ClientProgram(program);
    }

    /** Returns the text of a file of an npm package. */
    static String nodePackage(String file) throws Exception {
        installNodePackages();
        return Files.readString(NODE.resolve("node_modules").resolve(file));
    }

    /** Installs the packages that package-lock.json pins. */
    private static void installNodePackages() throws Exception {
        Path installed = NODE.resolve("node_modules/.package-lock.json");
        install("npm", "the tests of npm packages need node (20 or later) and npm on the PATH, and the npm registry",
                () -> Files.exists(installed) && Files.getLastModifiedTime(installed)
                        .compareTo(Files.getLastModifiedTime(NODE.resolve("package-lock.json"))) >= 0
                                ? List.of()
                                : List.of(new ProcessBuilder("npm", "ci", "--no-audit", "--no-fund").directory(NODE.toFile())));
    }

    /** Runs the commands. If one fails, the test is skipped; in CI it fails. Other JVMs may try the same at the same time. */
    private static void install(String name, String missing, Callable<List<ProcessBuilder>> commands) throws Exception {
        int exitCode = 0;
        try (FileChannel file = FileChannel.open(Path.of("target", name + ".lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE); FileLock _ = file.lock()) {
            for (ProcessBuilder command : commands.call()) {
                // the program must not inherit the standard streams of this process, because the build uses them
                exitCode = Math.max(exitCode, command.redirectErrorStream(true)
                        .redirectOutput(new File("target", name + ".log")).start().waitFor());
            }
        } catch (IOException e) {
            exitCode = 127;
        }
        if (System.getenv("CI") != null) {
            assertThat(exitCode).as(missing).isZero();
        }
        if (exitCode != 0) {
            System.out.println("SKIPPED: " + missing);
        }
        assumeTrue(exitCode == 0, "SKIPPED: " + missing);
    }

    private void copy() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            output.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException e) {
            // the process has ended
        }
    }

    /** Returns the next line that the program prints. */
    String next() throws InterruptedException {
        String line = lines.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(line).as("line of " + process.info().commandLine().orElse("a program that has ended")).isNotNull();
        return line;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
