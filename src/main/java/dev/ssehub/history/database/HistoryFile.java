package dev.ssehub.history.database;

import module java.base;

/** The file of the history, and what it promises. */
public record HistoryFile(Path path, Sync sync) {}
