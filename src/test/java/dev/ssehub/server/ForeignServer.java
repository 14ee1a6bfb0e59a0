package dev.ssehub.server;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Another program that is a server, such as nginx. It runs in the foreground, without privileges, and keeps its files in a folder. */
public final class ForeignServer {
    public static final List<String> NGINX = List.of("nginx", "-e", "stderr", "-c", "CONFIG");

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String NGINX_CONFIG = """
            MAIN
            daemon off;
            pid FOLDER/pid;
            error_log stderr;
            events {}
            http {
                access_log off;
                client_body_temp_path FOLDER/body;
                proxy_temp_path FOLDER/proxy;
                fastcgi_temp_path FOLDER/fastcgi;
                uwsgi_temp_path FOLDER/uwsgi;
                scgi_temp_path FOLDER/scgi;
                server {
            SERVER
                }
            }
            """;

    private final Process process;

    private ForeignServer(Process process) {
        this.process = process;
    }

    /**
     * Returns a configuration of nginx.
     *
     * @param main what stands outside of all blocks
     * @param server what stands in the only block server
     */
    public static String nginx(String main, String server) {
        return NGINX_CONFIG.replace("MAIN", main).replace("SERVER", server);
    }

    /**
     * Starts a program and returns when it accepts connections.
     *
     * @param command the program and its arguments; CONFIG stands for the path of the configuration
     * @param config the configuration, in which FOLDER and PORT stand for these
     */
    public static ForeignServer start(List<String> command, String config, Path folder, int port) throws IOException {
        Path file = folder.resolve("config");
        Files.writeString(file, config.replace("FOLDER", folder.toString()).replace("PORT", Integer.toString(port)));
        ProcessBuilder builder = new ProcessBuilder(
                command.stream().map(word -> word.replace("CONFIG", file.toString())).toList());
        builder.environment().put("HOME", folder.toString());
        Path log = folder.resolve("log");
        Process process = builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        await().atMost(PATIENCE).ignoreExceptionsInstanceOf(IOException.class).until(() -> {
            assertThat(process.isAlive()).as(() -> command.getFirst() + ": " + read(log)).isTrue();
            new Socket("127.0.0.1", port).close();
            return true;
        });
        return new ForeignServer(process);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Returns whether a program is on the PATH. */
    public static boolean isInstalled(String program) {
        return Pattern.compile(":").splitAsStream(System.getenv("PATH"))
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }

    /** Stops the program, and waits until it has ended. */
    public void stop() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(PATIENCE)).isTrue();
    }
}
