package dev.ssehub.history.file;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * An event in the file.
 *
 * @param id the publisher's own id, if it chose one
 * @param topics the names; the first is the canonical one
 * @param logged the time in milliseconds of the log's clock
 */
@SuppressWarnings("ArrayRecordComponent") // the array is not changed
record StoredEvent(long position, @Nullable String id, List<String> topics, boolean isPrivate, long logged, byte[] frame) {}
