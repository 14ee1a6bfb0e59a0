package dev.ssehub.redis;

import module java.base;
import dev.ssehub.redis.RedisSettings.Bounds;
import dev.ssehub.server.TestPort;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;

/**
 * A real Redis server on a free port of this machine, or a Sentinel. Without a folder, a restart loses its data. On Linux, it listens
 * on 127.0.0.2 too, which is another name of it.
 */
public final class RedisServer implements AutoCloseable {
    private static final int SLOTS = 16_384;

    private final int port;
    private final List<String> options;
    private Process process;

    private RedisServer(int port, List<String> options) throws IOException {
        this.port = port;
        this.options = options;
        this.process = launch();
    }

    /** Starts a server that keeps its data in memory. */
    public static RedisServer start() throws IOException {
        return start(new String[0]);
    }

    /** Starts a server with other options, that keeps its data in memory. */
    static RedisServer start(String... options) throws IOException {
        int port = TestPort.free();
        List<String> all = new ArrayList<>(
                List.of("--port", Integer.toString(port), "--bind", "127.0.0.1", "127.0.0.2", "--save", "",
                        "--appendonly", "no", "--loglevel", "warning"));
        all.addAll(List.of(options));
        return new RedisServer(port, all);
    }

    /** Starts a server that writes each change to a file in this folder. */
    public static RedisServer start(Path folder) throws IOException {
        return start("--appendonly", "yes", "--appendfsync", "always", "--dir", folder.toString());
    }

    /** Starts a Sentinel that watches a server. It decides alone, and soon. */
    static RedisServer sentinel(Path folder, String name, RedisServer master) throws IOException {
        int port = TestPort.free();
        Path file = Files.write(folder.resolve("sentinel.conf"), List.of("port " + port, "bind 127.0.0.1", "dir " + folder,
                "sentinel monitor " + name + " 127.0.0.1 " + master.port + " 1",
                "sentinel down-after-milliseconds " + name + " 300",
                "sentinel failover-timeout " + name + " 2000"));
        return new RedisServer(port, List.of(file.toString(), "--sentinel"));
    }

    private Process launch() throws IOException {
        List<String> command = new ArrayList<>(List.of("redis-server"));
        command.addAll(options);
        Process started = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!answers()) {
            if (!started.isAlive() || System.nanoTime() > end) {
                started.destroyForcibly();
                throw new IOException("redis-server did not start on port " + port);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        return started;
    }

    private boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(1_000);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            int first = socket.getInputStream().read();
            return first == '+' || first == '-' && socket.getInputStream().read() == 'N'; // NOAUTH: it requires a password
        } catch (IOException e) {
            return false;
        }
    }

    /** Makes a Redis Cluster of servers. Each of them has an equal part of the slots. */
    static void joinAll(List<RedisServer> nodes) throws IOException {
        for (RedisServer node : nodes) {
            int part = nodes.indexOf(node);
            node.answer("CLUSTER", "ADDSLOTSRANGE", Integer.toString(firstSlot(part, nodes.size())),
                    Integer.toString(firstSlot(part + 1, nodes.size()) - 1));
            node.answer("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(part + 1));
        }
        for (RedisServer node : nodes) {
            nodes.getFirst().answer("CLUSTER", "MEET", "127.0.0.1", Integer.toString(node.port), node.clusterPort());
        }
        for (RedisServer node : nodes) {
            node.await("cluster_state:ok", "CLUSTER", "INFO");
        }
    }

    private static int firstSlot(int part, int parts) {
        return part * SLOTS / parts;
    }

    private String clusterPort() {
        return options.get(options.indexOf("--cluster-port") + 1);
    }

    /** Sends a command until the answer has this text. */
    void await(String text, String... command) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!answer(command).contains(text)) {
            if (System.nanoTime() > end) {
                throw new IOException("no " + text + " on port " + port);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Returns the answer to a command, as text. */
    public String answer(String... command) {
        try (Connection connection = new Connection("127.0.0.1", port)) {
            CommandArguments arguments = new CommandArguments(() -> command[0].getBytes(StandardCharsets.UTF_8));
            arguments.addObjects((Object[]) Arrays.copyOfRange(command, 1, command.length));
            return text(connection.executeCommand(arguments));
        }
    }

    private static String text(Object answer) {
        return switch (answer) {
            case byte[] bytes -> new String(bytes, StandardCharsets.UTF_8);
            case List<?> list -> list.stream().map(RedisServer::text).toList().toString();
            case null -> "";
            default -> answer.toString();
        };
    }

    public int port() {
        return port;
    }

    /** Returns settings for this server, with keys of their own. */
    public RedisSettings settings(String prefix) {
        return settings(prefix, new Bounds(10_000, Duration.ofHours(1), 16 << 20));
    }

    /** Returns settings with keys of their own, and the time that an answer may take. */
    public RedisSettings settings(String prefix, Duration timeout) {
        RedisSettings usual = settings(prefix);
        return new RedisSettings(usual.uri(), usual.passwordFile(), usual.sentinelMaster(), usual.sentinelPasswordFile(),
                usual.cluster(), usual.trust(), usual.certificate(), usual.privateKey(), prefix, timeout, usual.stream());
    }

    public RedisSettings settings(String prefix, Bounds bounds) {
        return new RedisSettings(RedisUri.parse("redis://127.0.0.1:" + port, port), Optional.empty(), Optional.empty(),
                Optional.empty(), false, Optional.empty(), Optional.empty(), Optional.empty(), prefix, Duration.ofSeconds(2),
                bounds);
    }

    /** Ends the process at once, as kill -9 does. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Starts the process again on the same port. */
    public void restart() throws IOException {
        process = launch();
    }

    /** Stops the process with SIGSTOP, or continues it. */
    public void freeze(boolean frozen) throws IOException, InterruptedException {
        new ProcessBuilder("kill", frozen ? "-STOP" : "-CONT", Long.toString(process.pid())).inheritIO().start().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
