/** The SQLite file of the log: opened, locked, upgraded, set aside, and its connections. The log itself is one floor above. */
@NullMarked
package dev.ssehub.history.database;

import org.jspecify.annotations.NullMarked;
