/**
 * The history in a SQLite file. Start with {@link dev.ssehub.history.file.FileHistory}. {@code LogThread} writes, {@code Readers} read,
 * and {@code Ledger} knows what the file holds. Below them, {@code DatabaseFile}, {@code Session}, {@code LogWriter} and
 * {@code LogReader} are the file, its connections and its statements.
 */
@NullMarked
package dev.ssehub.history.file;

import org.jspecify.annotations.NullMarked;
