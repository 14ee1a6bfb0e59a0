package dev.ssehub;

import module java.base;
import module java.net.http;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ssehub.server.SseClient;
import dev.ssehub.server.TestCertificate;
import dev.ssehub.server.TestPort;
import dev.ssehub.tls.TlsFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The jar as an operator runs it: a process with arguments, signals and an exit code. The tests run concurrently. */
@Execution(ExecutionMode.CONCURRENT)
class JarIT {
    private static final Path JAR = Path.of("target/sse-hub.jar").toAbsolutePath();
    private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final Pattern LISTENS = Pattern
            .compile(
                    "sse-hub 0\\S+ listens on \\S+, port (\\d+), for up to \\d+ connections; open https?://localhost:\\d+/ in a browser");

    @TempDir
    private Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void stopAll() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    private record Result(int code, String output) {}

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"--version|0|sse-hub 0.",
            "--no-such-option|2|sse-hub: Unknown option: '--no-such-option'; try --help",
            "--config no-such-file.yaml|1|sse-hub: the configuration file no-such-file.yaml cannot be read: there is no such file"})
    void answersACommandLineWithTextAndExitCode(String arguments, int code, String start) throws Exception {
        Result result = finish(java("-jar", JAR.toString(), arguments));

        assertThat(result.output()).startsWith(start).doesNotContain("\tat ");
        assertThat(result.code()).isEqualTo(code);
        if (code != 0) {
            assertThat(result.output().lines()).hasSize(1);
        }
    }

    @Test
    void refusesAWrongValueWithOneLineAndExitCodeOne() throws Exception {
        Result result = finish(java("-Dsse-hub.feeds.time.interval=fast -jar", JAR.toString()));

        assertThat(result).isEqualTo(new Result(1, "sse-hub: sse-hub.feeds.time.interval is 'fast' (in the system properties);"
                + " it must be a duration from 10ms to 1d, such as 500ms, 15s, 2m, 1h, 1d, or ISO-8601 (PT15S)\n"));
    }

    @Test
    void refusesAnUnusableAddressWithOneLineAndExitCodeOne() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Result result = finish(
                    java("-Dserver.host=127.0.0.1 -Dserver.port=" + taken.getLocalPort() + " -jar", JAR.toString()));

            assertThat(result).isEqualTo(new Result(1, "sse-hub: cannot listen on server.host 127.0.0.1, server.port "
                    + taken.getLocalPort() + ": Address already in use\n"));
        }
        Result unknown = finish(java("-Dserver.host=no.such.host.invalid -jar", JAR.toString()));
        assertThat(unknown).isEqualTo(
                new Result(1, "sse-hub: cannot listen on server.host no.such.host.invalid, server.port 8080: unknown host\n"));
    }

    @Test
    void servesFromAConfigFileAndEndsStreamsProperlyWhenTerminated() throws Exception {
        Path config = Files.writeString(folder.resolve("hub.yaml"), """
                server: {port: 0}
                sse-hub: {feeds: {time: {interval: PT0.1S}}}
                """);
        Process hub = start(java("-jar", JAR.toString(), "--config", config.toString()));
        BufferedReader log = hub.inputReader();
        int port = awaitListening(log);

        try (SseClient client = new SseClient(port, "/sse")) {
            long start = System.nanoTime();
            for (int i = 0; i < 10; i++) {
                assertThat(client.nextData()).startsWith("Server time: ");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).as("the default interval is longer")
                    .isLessThan(Duration.ofSeconds(5));

            hub.toHandle().destroy(); // SIGTERM
            String last = client.nextFrame();
            while (last.contains("data: ")) {
                last = client.nextFrame();
            }
            assertThat(last).matches("retry: [2-6]\\d{3}\n: restart");
            assertThat(client.isCutBetweenChunks()).isTrue();
            assertThat(hub.waitFor(5, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(hub.exitValue()).isEqualTo(128 + 15);
        assertThat(log.lines().toList()).hasSize(2).satisfiesExactly(
                line -> assertThat(line).endsWith("stopping, 1 streams to end"),
                line -> assertThat(line).endsWith("stopped"));
    }

    /** The operator need not wait for a client that does not read, nor for load balancers. */
    @Test
    void endsAtOnceOnASecondSignal() throws Exception {
        Process hub = start(java("-Dserver.port=0 -Dsse-hub.drain.delay=5m -jar", JAR.toString()));
        BufferedReader log = hub.inputReader();
        awaitListening(log);

        hub.toHandle().destroy();
        assertThat(log.readLine()).endsWith("not ready any more; the hub stops in 300 seconds");
        hub.toHandle().destroy();
        assertThat(hub.waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(hub.exitValue()).isEqualTo(128 + 15);
        assertThat(log.readLine()).isEqualTo("sse-hub: a second signal: the process ends at once");
    }

    @Test
    void publishesTheStandardInputAndKeepsServingAfterItsEnd() throws Exception {
        Process hub = start(java("-Dserver.port=0 -jar", JAR.toString(), "--stdin builds"));
        BufferedReader log = hub.inputReader();
        int port = awaitListening(log);
        try (SseClient client = new SseClient(port, "/sse?topic=builds")) {
            assertThat(client.nextFrame()).startsWith("retry: ");
            try (OutputStream input = hub.getOutputStream()) {
                input.write(("one\r\n" + "x".repeat(8193) + "\nlast").getBytes(UTF_8));
                input.flush();
                assertThat(client.nextData()).isEqualTo("one");
                assertThat(client.nextData()).isEqualTo("x".repeat(8192) + " … (cut: 1 more bytes)");
            }
            assertThat(client.nextData()).isEqualTo("last");
            assertThat(log.readLine()).endsWith("the standard input has ended");
        }
        try (SseClient client = new SseClient(port, "/sse")) {
            assertThat(client.nextData()).startsWith("Server time: ");
        }
    }

    @Test
    void endsWhenTerminatedAlthoughItsInputIsOpen() throws Exception {
        Process hub = start(java("-Dserver.port=0 -Dsse-hub.drain.timeout=PT3S -jar", JAR.toString(), "--stdin builds"));
        BufferedReader log = hub.inputReader();
        int port = awaitListening(log);
        try (SseClient client = new SseClient(port, "/sse?topic=builds"); OutputStream input = hub.getOutputStream()) {
            assertThat(client.nextFrame()).startsWith("retry: ");
            input.write("one\n".getBytes(UTF_8));
            input.flush();
            assertThat(client.nextData()).isEqualTo("one");

            hub.toHandle().destroy();
            assertThat(hub.waitFor(3, TimeUnit.SECONDS)).isTrue();
            assertThat(client.isCutBetweenChunks()).isTrue();
        }
        assertThat(hub.exitValue()).isEqualTo(128 + 15);
        assertThat(log.lines().toList()).last().asString().endsWith("stopped");
    }

    /** The last lines of a file are published, and a missing file is refused at the start. */
    @Test
    void followsALogFile() throws Exception {
        Path file = Files.writeString(folder.resolve("app.log"), "old\n");
        Process hub = start(java("-Dserver.port=0 -Dsse-hub.feeds.log.enabled=true", "-Dsse-hub.feeds.log.file=" + file,
                "-jar", JAR.toString()));
        try (SseClient client = new SseClient(awaitListening(hub.inputReader()), "/sse?topic=log")) {
            assertThat(client.nextFrame()).startsWith("retry: ");
            Files.writeString(file, "new\n", StandardOpenOption.APPEND);
            assertThat(client.nextFrame()).contains("\nevent: log\ndata: new");
        }
        assertThat(finish(java("-Dsse-hub.feeds.log.enabled=true -jar", JAR.toString()))).isEqualTo(
                new Result(1,
                        "sse-hub: sse-hub.feeds.log.file is '' (in the defaults); it must be the path of a file; a feed that is enabled needs one\n"));
    }

    /** The load generator against another process, with the exit codes that scripts check. */
    @Test
    void measuresAServer() throws Exception {
        Process hub = start(java("-Dserver.port=0 -jar", JAR.toString()));
        int port = awaitListening(hub.inputReader());
        String url = "http://localhost:" + port + "/sse";
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        List<String> bench = java("-jar", JAR.toString(), "bench", url + "?topic=chat", "--publish", url,
                "--publish-body topic=chat&data={data} --subscribers 20 --rate 50 --duration 1s --json");
        Process process = new ProcessBuilder(bench).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        started.add(process);

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(err)).isZero();
        assertThat(Files.readString(out)).endsWith("}\n")
                .startsWith("{\"url\":\"" + url + "?topic=chat\",\"clean\":true,")
                .contains("\"events\":{\"published\":50,\"acknowledged\":50,\"refused\":0,\"heldBack\":0}",
                        "\"expected\":1000,\"lost\":0,\"repeated\":0,");
        assertThat(Files.readString(err).lines()).isNotEmpty()
                .allMatch(line -> line.matches("\\d+ s: \\d+ events published, .* a second|\\d+ of 20 subscribers connected"));

        hub.toHandle().destroy();
        assertThat(hub.waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(finish(bench)).isEqualTo(
                new Result(1, "sse-hub: cannot connect to " + url + "?topic=chat: Connection refused\n"));
    }

    /** After Ctrl-C, the bench still prints what it has measured. */
    @Test
    void printsTheResultOfAnInterruptedRun() throws Exception {
        assumeTrue(!ignoresInterrupts(), "SKIPPED: this process ignores SIGINT, as a background job of a shell does");
        Process hub = start(java("-Dserver.port=0 -jar", JAR.toString()));
        String url = "http://localhost:" + awaitListening(hub.inputReader()) + "/sse";
        Process bench = start(java("-jar", JAR.toString(), "bench", url + "?topic=chat", "--publish", url,
                "--publish-body topic=chat&data={data} --subscribers 20 --rate 50 --duration 1h"));
        BufferedReader output = bench.inputReader();
        String progress = output.readLine();
        while (progress.contains("subscribers connected")) { // on a slow machine, connecting takes more than a second
            progress = output.readLine();
        }
        assertThat(progress).contains("events published");

        sendInterrupt(bench);

        assertThat(output.lines().toList()).anyMatch(line -> line.matches("deliveries lost +0"));
        assertThat(bench.waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(bench.exitValue()).isEqualTo(128 + 2);
    }

    /** The JVM reuses the closed descriptor for a file of its own, which the hub must neither publish nor close. */
    @Test
    void publishesNothingFromAClosedStandardInput() throws Exception {
        Process hub = start(List.of("sh", "-c", "exec " + JAVA + " -Dserver.port=0 -Dsse-hub.feeds.time.enabled=false"
                + " -Dsse-hub.feeds.system.enabled=false -jar " + JAR + " --stdin chat <&-"));
        BufferedReader log = hub.inputReader();
        assertThat(log.readLine()).endsWith("the standard input is closed, so no line is published");
        int port = awaitListening(log);
        try (SseClient client = new SseClient(port, "/sse?topic=*&live=false&lastEventID=earliest")) {
            assertThat(client.nextFrame()).startsWith("retry: ");
            assertThat(client.nextFrame()).isEqualTo(": end");
        }
        hub.toHandle().destroy();
        assertThat(hub.waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(hub.exitValue()).isEqualTo(128 + 15);
    }

    /** Programs that this process starts inherit the signals that it ignores. */
    private static boolean ignoresInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status) && Files.readAllLines(status).stream().filter(line -> line.startsWith("SigIgn:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) >> (2 - 1) & 1) != 0);
    }

    private void sendInterrupt(Process process) throws Exception {
        assertThat(finish(List.of("kill", "-INT", Long.toString(process.pid())))).isEqualTo(new Result(0, ""));
    }

    @Test
    void servesTlsAndPassesItsHealthCheck() throws Exception {
        TestCertificate certificate = TestCertificate.ec("jar");
        TlsFiles files = certificate.write(folder);
        String tls = "-Dserver.tls.certificate=" + files.certificate() + " -Dserver.tls.private-key=" + files.privateKey();
        int port = TestPort.free();
        Process hub = start(java(tls, "-Dserver.port=" + port + " -jar", JAR.toString()));
        BufferedReader log = hub.inputReader();
        assertThat(awaitListening(log)).isEqualTo(port);
        try (SseClient client = new SseClient(certificate.client(), port, "/sse")) {
            assertThat(client.nextData()).startsWith("Server time: ");
            List<String> health = java(tls, "-Dserver.port=" + port + " -jar", JAR.toString(), "health");
            assertThat(finish(health)).isEqualTo(new Result(0, ""));

            hub.toHandle().destroy();
            assertThat(hub.waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(client.isCutBetweenChunks()).isTrue();
            assertThat(log.lines().toList()).hasSize(2);
            assertThat(finish(health)).isEqualTo(
                    new Result(1,
                            "sse-hub: not healthy: nobody answers at https://localhost:" + port + "/observe/health/live\n"));
        }
        Files.delete(files.privateKey());
        assertThat(finish(java(tls, "-jar", JAR.toString()))).isEqualTo(new Result(1,
                "sse-hub: server.tls.private-key (in the system properties): the file " + files.privateKey()
                        + " cannot be read: there is no such file\n"));
    }

    /** The test does not build the image, but runs its commands in a folder with the files of the image. */
    @Test
    void runsTheCommandsOfTheDockerfile() throws Exception {
        String dockerfile = dockerfile();
        Path app = Files.createDirectory(folder.resolve("app"));
        Matcher copies = Pattern.compile("^COPY --from=build /src/(\\S+) (\\S+)$", Pattern.MULTILINE).matcher(dockerfile);
        int copied = 0;
        for (; copies.find(); copied++) {
            copy(Path.of(copies.group(1)), app.resolve(copies.group(2)));
        }
        assertThat(copied).isEqualTo(3);
        Path config = app.resolve("config/application.yaml");
        int port = TestPort.free();
        Files.writeString(config, Files.readString(config).replace("port: 8080", "port: " + port));

        String training = relocate(dockerfile.substring(dockerfile.indexOf("RUN java") + 4, dockerfile.indexOf("USER ")), app)
                .replace("\\\n", "").replace(":8080/", ":" + port + "/");
        Result trained = finishInImage(List.of("sh", "-c", training), app);
        assertThat(trained.code()).as(trained.output()).isZero();

        Process hub = startInImage(command(dockerfile, "ENTRYPOINT ", app), app);
        BufferedReader log = hub.inputReader();
        assertThat(awaitListening(log)).isEqualTo(port);
        try (SseClient client = new SseClient(port, "/sse")) {
            assertThat(client.nextData()).startsWith("Server time: ");
            List<String> health = command(dockerfile, "CMD ", app);
            assertThat(finishInImage(health, app)).isEqualTo(new Result(0, ""));

            hub.toHandle().destroy();
            assertThat(hub.waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(client.isCutBetweenChunks()).isTrue();
            assertThat(log.lines()).as("the JVM does not complain about the AOT cache").hasSize(2);
            Result stopped = finishInImage(health, app);
            assertThat(stopped.code()).isEqualTo(1);
            assertThat(stopped.output()).contains("Connection refused");
        }
    }

    /** The options that the documentation names. */
    @Test
    void acceptsTheOptionsOfTheJvm() throws Exception {
        Process hub = start(java("@config/jvm.options -Dserver.port=0 -jar", JAR.toString()));
        try (SseClient client = new SseClient(awaitListening(hub.inputReader()), "/sse")) {
            assertThat(client.nextData()).startsWith("Server time: ");
        }
    }

    /** Each stream takes some 100 KB. Without a limit, 300 of them would fill 32 MB of heap. */
    @Test
    void survivesManyStreamsOfManyTopics() throws Exception {
        Process hub = start(java("-Xmx48m -XX:+UseSerialGC -Dserver.port=0 -jar", JAR.toString()));
        int port = awaitListening(hub.inputReader());
        List<SseClient> streams = new ArrayList<>();
        try {
            int refused = 0;
            for (int i = 0; i < 500; i++) {
                String client = "client" + i;
                SseClient stream = new SseClient(port,
                        "/sse?" + IntStream.range(0, 500).mapToObj(n -> "topic=" + client + "/" + n)
                                .collect(Collectors.joining("&")),
                        "Accept: text/event-stream");
                streams.add(stream);
                refused += stream.headers().contains("Content-Length") ? 1 : 0;
            }
            assertThat(refused).as("streams refused for lack of memory").isBetween(200, 450);
            try (SseClient another = new SseClient(port, "/sse")) {
                assertThat(another.nextData()).startsWith("Server time: ");
            }
        } finally {
            for (SseClient stream : streams) {
                stream.close();
            }
        }
        assertThat(hub.isAlive()).isTrue();
    }

    @Test
    void prefersTheOptionToTheVariableForTheConfigFile() throws Exception {
        ProcessBuilder process = new ProcessBuilder(java("-jar", JAR.toString())).redirectErrorStream(true);
        process.environment().put("SSE_HUB_CONFIG", "no-such-file.yaml");
        assertThat(finish(process)).isEqualTo(new Result(1,
                "sse-hub: the configuration file no-such-file.yaml cannot be read: there is no such file\n"));

        process.command(java("-jar", JAR.toString(), "--config another.yaml"));
        assertThat(finish(process)).isEqualTo(
                new Result(1, "sse-hub: the configuration file another.yaml cannot be read: there is no such file\n"));
    }

    @Test
    void explainsMissingLibraries() throws Exception {
        Path alone = Files.copy(JAR, folder.resolve("sse-hub.jar"));

        assertThat(finish(java("-jar", alone.toString(), "--version"))).isEqualTo(
                new Result(1, "sse-hub: its libraries are missing; the folder libs must be beside sse-hub.jar\n"));
    }

    /** OpenTelemetry takes memory and time, which only those pay for who use it. */
    @Test
    void loadsOpenTelemetryOnlyIfItIsConfigured() throws Exception {
        Path classes = folder.resolve("classes.log");
        Process hub = start(java("-Xlog:class+load:file=" + classes, "-Dserver.port=0 -jar", JAR.toString()));
        int port = awaitListening(hub.inputReader());
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest publish = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/sse"))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString("topic=chat&data=a")).build();
            assertThat(client.send(publish, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        }
        hub.toHandle().destroy();
        assertThat(hub.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readAllLines(classes)).anyMatch(line -> line.contains("dev.ssehub.tracing.Tracing "))
                .noneMatch(line -> line.contains("io.opentelemetry."));
    }

    /** A build tool starts the hub in this way, so that it ends when the build tool is killed. */
    @Test
    void endsWithItsParentIfAsked() throws Exception {
        Path log = folder.resolve("log");
        Process parent = start(
                List.of("sh", "-c", JAVA + " -Dserver.port=0 -jar " + JAR + " --exit-with-parent 2> " + log + "; true"));
        await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(log) && LISTENS.matcher(Files.readString(log)).find());
        ProcessHandle hub = parent.children().findFirst().orElseThrow();

        parent.destroyForcibly();

        await().atMost(Duration.ofSeconds(10)).until(() -> !hub.isAlive());
        assertThat(Files.readString(log)).contains("stopped");
    }

    /** If the process has no file for another connection, Helidon stops to accept connections. */
    @Test
    void endsWhenItCanNoLongerAcceptConnections() throws Exception {
        Process hub = start(java("-Dserver.port=0 -jar", JAR.toString()));
        BufferedReader log = hub.inputReader();
        int port = awaitListening(log);
        try (SseClient client = new SseClient(port, "/sse")) {
            assertThat(client.nextData()).startsWith("Server time: ");
            Result limited = finish(List.of("prlimit", "--pid", Long.toString(hub.pid()), "--nofile=3:3"));
            assertThat(limited.code()).as(limited.output()).isZero();
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                connectOrNot(port);
                return !hub.isAlive();
            });
        }
        assertThat(hub.exitValue()).isEqualTo(1);
        assertThat(log.lines().toList()).contains("sse-hub: the thread that accepts connections has ended; the hub stops");
    }

    private static void connectOrNot(int port) throws IOException {
        try (Socket _ = new Socket("localhost", port)) {
            // the hub may accept the connection or not
        } catch (ConnectException e) {
            // the hub has ended or does not listen
        }
    }

    @Test
    void compilesOnlyTheLauncherForOldJvms() throws Exception {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assertThat(classVersion(jar, "dev/ssehub/Launcher.class")).as("Java 8").isEqualTo(52);
            assertThat(classVersion(jar, "dev/ssehub/Main.class")).as("Java 25").isEqualTo(69);
            assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class")).isEqualTo("dev.ssehub.Launcher");
        }
    }

    @Test
    void explainsThatAnOldJvmIsNotEnough() throws Exception {
        Optional<Path> old = oldJava();
        assumeTrue(old.isPresent(), "SKIPPED: needs a Java older than 25 beside the one that runs the tests");

        Result result = finish(List.of(old.orElseThrow().toString(), "-jar", JAR.toString()));

        assertThat(result.output()).matches("sse-hub needs Java 25 or later; this is Java \\S+ from \\S+\n");
        assertThat(result.code()).isEqualTo(1);
    }

    private static int classVersion(JarFile jar, String name) throws IOException {
        try (InputStream in = jar.getInputStream(jar.getEntry(name)); DataInputStream data = new DataInputStream(in)) {
            data.readInt();
            data.readUnsignedShort();
            return data.readUnsignedShort();
        }
    }

    private static Optional<Path> oldJava() throws Exception {
        Path jdks = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(jdks)) {
            return Optional.empty();
        }
        try (Stream<Path> found = Files.list(jdks)) {
            return found.filter(jdk -> {
                try {
                    Matcher version = Pattern.compile("JAVA_VERSION=\"(\\d+)").matcher(Files.readString(jdk.resolve("release")));
                    return version.find() && Integer.parseInt(version.group(1)) < 25;
                } catch (IOException e) {
                    return false; // not a JDK
                }
            }).map(jdk -> jdk.resolve("bin/java")).filter(Files::isExecutable).findFirst();
        }
    }

    /** Without the second compiler, which takes half of the CPU time of a JVM that lives for seconds. */
    private static List<String> java(String... arguments) {
        List<String> command = new ArrayList<>(List.of(JAVA, "-XX:TieredStopAtLevel=1"));
        for (String argument : arguments) {
            command.addAll(List.of(argument.split(" ")));
        }
        return command;
    }

    /** Returns the JSON array after a keyword, with java replaced by this JVM and /app by a folder. */
    private static List<String> command(String dockerfile, String keyword, Path app) {
        String array = dockerfile.substring(dockerfile.indexOf(keyword + "[") + keyword.length());
        Matcher words = Pattern.compile("\"([^\"]*)\"").matcher(array.substring(0, array.indexOf(']')));
        return words.results().map(word -> word.group(1))
                .map(word -> word.equals("java") ? JAVA : relocate(word, app)).toList();
    }

    private static String relocate(String text, Path app) {
        return text.replace("/app/", app + "/").replace("/dev/shm/", app + "/");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    /** Reads the log of a starting hub until it names the port, and returns the port. */
    static int awaitListening(BufferedReader log) throws IOException {
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            Matcher listens = LISTENS.matcher(line);
            if (listens.find()) {
                return Integer.parseInt(listens.group(1));
            }
        }
        throw new AssertionError("the hub ended without listening");
    }

    private Process start(List<String> command) throws IOException {
        return start(new ProcessBuilder(command).redirectErrorStream(true));
    }

    private Process startInImage(List<String> command, Path app) throws IOException {
        return start(inImage(command, app));
    }

    private Process start(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private Result finish(List<String> command) throws Exception {
        return finish(new ProcessBuilder(command).redirectErrorStream(true));
    }

    private Result finishInImage(List<String> command, Path app) throws Exception {
        return finish(inImage(command, app));
    }

    private static String dockerfile() throws IOException {
        return Files.readString(Path.of("Dockerfile"));
    }

    private static ProcessBuilder inImage(List<String> command, Path app) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Matcher variables = Pattern.compile("(SSE_HUB_[A-Z_]+)=(\\S+)").matcher(dockerfile());
        while (variables.find()) {
            builder.environment().put(variables.group(1), relocate(variables.group(2), app));
        }
        builder.environment().merge("PATH", Path.of(JAVA).getParent().toString(), (old, first) -> first + ":" + old);
        return builder;
    }

    private Result finish(ProcessBuilder builder) throws Exception {
        Process process = start(builder);
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), output);
    }
}
