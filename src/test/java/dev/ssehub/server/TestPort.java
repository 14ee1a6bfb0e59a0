package dev.ssehub.server;

import module java.base;

/** For what cannot choose a free port itself, or must have the same one again. */
public final class TestPort {

    private TestPort() {}

    /** One that is free, and not one of those that the system gives to whoever connects. */
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
