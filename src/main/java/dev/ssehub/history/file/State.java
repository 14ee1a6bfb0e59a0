package dev.ssehub.history.file;

/**
 * The single values of the log.
 *
 * @param start the position before the first event
 * @param newest the position of the newest event that was ever added
 * @param logged the newest time of the log's clock, in milliseconds
 */
record State(long start, long newest, long logged) {}
