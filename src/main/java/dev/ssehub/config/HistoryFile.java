package dev.ssehub.config;

import module java.base;
import dev.ssehub.history.database.Sync;

/** The file of the history, and what it promises. */
public record HistoryFile(Path path, Sync sync) {}
