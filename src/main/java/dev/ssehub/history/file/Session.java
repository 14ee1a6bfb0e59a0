package dev.ssehub.history.file;

import module java.base;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/**
 * One connection to the file. It keeps its prepared statements. Used by one thread at a time; only {@link #close} may be called
 * by any thread, and ends a statement in progress with an exception.
 */
final class Session implements Closeable {
    /** Takes one row of a result. */
    interface RowConsumer {
        /** Returns whether the next row is wanted. */
        boolean accept(ResultSet row) throws SQLException;
    }

    /** Makes an object of a row. */
    interface RowMapper<T> {
        T map(ResultSet row) throws SQLException;
    }

    /** The statements of a transaction. */
    interface Work {
        void run() throws LogFileException;
    }

    private final Path file;
    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();
    private boolean inTransaction;

    private Session(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    static Session open(Path file, boolean readOnly, Duration busyTimeout) throws LogFileException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(readOnly);
        config.setGetGeneratedKeys(false); // would run another query after each INSERT, and leave it open
        config.setBusyTimeout(Math.toIntExact(busyTimeout.toMillis()));
        try {
            return new Session(file, config.createConnection("jdbc:sqlite:" + file));
        } catch (SQLException e) {
            throw LogFileException.of(file, e);
        }
    }

    /** Runs a statement that is used once. */
    void execute(String sql) throws LogFileException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw LogFileException.of(file, e);
        }
    }

    /** Runs a statement that changes rows, and returns their number. */
    int update(String sql, @Nullable Object... values) throws LogFileException {
        try {
            return bind(sql, values).executeUpdate();
        } catch (SQLException e) {
            discard(sql);
            throw LogFileException.of(file, e);
        }
    }

    /** Passes the rows of a result to the consumer, until it wants no more. */
    void query(String sql, RowConsumer consumer, @Nullable Object... values) throws LogFileException {
        try (ResultSet rows = bind(sql, values).executeQuery()) {
            while (rows.next() && consumer.accept(rows)) {
                // the consumer has taken the row
            }
        } catch (SQLException e) {
            discard(sql);
            throw LogFileException.of(file, e);
        }
    }

    <T> List<T> list(String sql, RowMapper<T> mapper, @Nullable Object... values) throws LogFileException {
        List<T> list = new ArrayList<>();
        query(sql, row -> list.add(mapper.map(row)), values);
        return list;
    }

    /** Returns the number in the only row of a result, or 0 without a row. */
    long number(String sql, @Nullable Object... values) throws LogFileException {
        List<Long> numbers = list(sql, row -> row.getLong(1), values);
        return numbers.isEmpty() ? 0 : numbers.getFirst();
    }

    void begin() throws LogFileException {
        update("BEGIN IMMEDIATE");
        inTransaction = true;
    }

    /** Ends the transaction. If this fails, the transaction must be rolled back. */
    void commit() throws LogFileException {
        update("COMMIT");
        inTransaction = false;
    }

    /** Undoes the transaction in progress. Does nothing outside of a transaction. */
    void rollback() throws LogFileException {
        if (!inTransaction) {
            return;
        }
        inTransaction = false;
        try {
            bind("ROLLBACK").executeUpdate();
        } catch (SQLException e) {
            discard("ROLLBACK");
            // SQLite rolls back by itself after some errors; then there is nothing to roll back
            if (e.getErrorCode() != SQLiteErrorCode.SQLITE_ERROR.code) {
                throw LogFileException.of(file, e);
            }
        }
    }

    void transaction(Work work) throws LogFileException {
        begin();
        try {
            work.run();
            commit();
        } catch (LogFileException | RuntimeException e) {
            try {
                rollback();
            } catch (LogFileException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private PreparedStatement bind(String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        for (int i = 0; i < values.length; i++) {
            switch (values[i]) {
                case null -> statement.setNull(i + 1, Types.NULL);
                case Long number -> statement.setLong(i + 1, number);
                case Integer number -> statement.setInt(i + 1, number);
                case Boolean flag -> statement.setInt(i + 1, flag ? 1 : 0);
                case String text -> statement.setString(i + 1, text);
                case byte[] bytes -> statement.setBytes(i + 1, bytes);
                default -> throw new IllegalArgumentException(sql);
            }
        }
        return statement;
    }

    /** Makes the next use prepare the statement again: the driver closes some statements that fail. */
    private void discard(String sql) {
        try (PreparedStatement _ = prepared.remove(sql)) {
            // close it
        } catch (SQLException _) {
            // it repeats the failure
        }
    }

    /** Ends the connection. Closing again does nothing. */
    @Override
    public void close() throws LogFileException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw LogFileException.of(file, e);
        }
    }
}
