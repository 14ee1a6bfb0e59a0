package dev.ssehub.operate;

import module java.base;

/** Reads the configuration again. */
@FunctionalInterface
public interface Reload {
    /**
     * Applies what can change while the hub runs. May block on I/O. Only one reload runs at a time.
     *
     * @param operator the operator that has asked for the reload, for the log
     * @throws IllegalArgumentException if the configuration has a mistake; then nothing has changed
     * @throws IllegalStateException if the hub starts or stops
     */
    Result run(String operator);

    /**
     * What a reload has done.
     *
     * @param applied the keys that have changed
     * @param afterRestart the keys whose new values take effect when the hub starts again
     */
    record Result(List<String> applied, List<String> afterRestart) {}
}
