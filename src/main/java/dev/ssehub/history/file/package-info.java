/** The lowest layer of the log of events in a SQLite file: how the file is opened, its tables, and the statements. */
@NullMarked
package dev.ssehub.history.file;

import org.jspecify.annotations.NullMarked;
