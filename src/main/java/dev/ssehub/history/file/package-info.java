/**
 * The history in a SQLite file. Start with {@link dev.ssehub.history.file.FileHistory}. {@code LogThread} writes, {@code Readers} read,
 * and {@code Ledger} knows what the file holds. {@code LogWriter} and {@code LogReader} have the statements.
 */
@NullMarked
package dev.ssehub.history.file;

import org.jspecify.annotations.NullMarked;
