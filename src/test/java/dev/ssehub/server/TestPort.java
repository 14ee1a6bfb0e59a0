package dev.ssehub.server;

import module java.base;

/** Finds a port for a program that cannot choose a free port itself, or needs the same port again. */
public final class TestPort {
    private TestPort() {}

    /** Returns a free port outside of the range from which the system takes the ports of outgoing connections. */
    public static int free() {
        return IntStream.generate(() -> ThreadLocalRandom.current().nextInt(20_000, 32_000)).filter(port -> {
            try (ServerSocket trial = new ServerSocket(port)) {
                return trial.isBound();
            } catch (IOException e) {
                return false; // taken
            }
        }).findFirst().orElseThrow();
    }
}
