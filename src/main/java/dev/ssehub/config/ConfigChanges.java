package dev.ssehub.config;

import module java.base;

/**
 * How a configuration differs from the one that a hub runs with.
 *
 * @param applied the keys whose new values can take effect while the hub runs
 * @param afterRestart the keys whose new values take effect when the hub starts again
 */
public record ConfigChanges(List<String> applied, List<String> afterRestart) {
    /** The keys that a running hub cannot change. A name that ends with a dot stands for all keys of its section. */
    static final List<String> FIXED = List.of("server.host", "server.port", "server.tls.", "sse-hub.path",
            "sse-hub.heartbeat-interval", "sse-hub.write-timeout", "sse-hub.history.file", "sse-hub.history.sync",
            "sse-hub.limits.max-connections", "sse-hub.limits.max-header-size", "sse-hub.subscriptions.enabled",
            "sse-hub.transport.", "sse-hub.observe.", "sse-hub.page.", "otlp.");

    /**
     * Compares a configuration.
     *
     * @param started the configuration that the hub has started with; its fixed keys are in effect
     * @param current the configuration whose other keys are in effect
     */
    public static ConfigChanges of(ConfigReader started, ConfigReader current, ConfigReader next) {
        return new ConfigChanges(differences(current, next).filter(key -> !isFixed(key)).toList(),
                differences(started, next).filter(ConfigChanges::isFixed).toList());
    }

    private static Stream<String> differences(ConfigReader before, ConfigReader next) {
        return next.values().values().stream().filter(value -> !value.isSame(before.values().get(value.key()))).map(Value::key)
                .sorted();
    }

    private static boolean isFixed(String key) {
        return FIXED.stream().anyMatch(fixed -> fixed.endsWith(".") ? key.startsWith(fixed) : key.equals(fixed));
    }

    /** Returns a sentence about the changes. It names keys, and no values. */
    public String text() {
        String changed = applied.isEmpty() ? "nothing has changed" : "changed " + String.join(", ", applied);
        return afterRestart.isEmpty() ? changed : changed + "; only a restart changes " + String.join(", ", afterRestart);
    }
}
