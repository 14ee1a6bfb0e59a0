package dev.ssehub.history.database;

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
public final class Session implements Closeable {
    /** Takes one row of a result. */
    public interface RowConsumer {
        /** Returns whether the next row is wanted. */
        boolean accept(ResultSet row) throws SQLException;
    }

    /** Makes an object of a row. */
    public interface RowMapper<T> {
        T map(ResultSet row) throws SQLException;
    }

    /** The statements of a transaction. */
    interface Work {
        void run() throws DatabaseException;
    }

    private final Path file;
    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();
    private boolean inTransaction;

    private Session(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    static Session open(Path file, boolean readOnly, Duration busyTimeout) throws DatabaseException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(readOnly);
        config.setGetGeneratedKeys(false); // would run another query after each INSERT, and leave it open
        config.setBusyTimeout(Math.toIntExact(busyTimeout.toMillis()));
        try {
            return new Session(file, config.createConnection("jdbc:sqlite:" + file));
        } catch (SQLException e) {
            throw DatabaseException.of(file, e);
        }
    }

    /** Runs a statement that is used once. */
    public void execute(String sql) throws DatabaseException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw DatabaseException.of(file, e);
        }
    }

    /** Runs a statement that changes rows, and returns their number. */
    public int update(String sql, @Nullable Object... values) throws DatabaseException {
        try {
            return bind(sql, values).executeUpdate();
        } catch (SQLException e) {
            discard(sql);
            throw DatabaseException.of(file, e);
        }
    }

    /** Passes the rows of a result to the consumer, until it wants no more. */
    public void query(String sql, RowConsumer consumer, @Nullable Object... values) throws DatabaseException {
        try (ResultSet rows = bind(sql, values).executeQuery()) {
            while (rows.next() && consumer.accept(rows)) {
                // the consumer has taken the row
            }
        } catch (SQLException e) {
            discard(sql);
            throw DatabaseException.of(file, e);
        }
    }

    public <T> List<T> list(String sql, RowMapper<T> mapper, @Nullable Object... values) throws DatabaseException {
        List<T> list = new ArrayList<>();
        query(sql, row -> list.add(mapper.map(row)), values);
        return list;
    }

    /** Returns the number in the only row of a result, or 0 without a row. */
    public long number(String sql, @Nullable Object... values) throws DatabaseException {
        List<Long> numbers = list(sql, row -> row.getLong(1), values);
        return numbers.isEmpty() ? 0 : numbers.getFirst();
    }

    public void begin() throws DatabaseException {
        update("BEGIN IMMEDIATE");
        inTransaction = true;
    }

    /** Ends the transaction. If this fails, the transaction must be rolled back. */
    public void commit() throws DatabaseException {
        update("COMMIT");
        inTransaction = false;
    }

    /** Undoes the transaction in progress. Does nothing outside of a transaction. */
    public void rollback() throws DatabaseException {
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
                throw DatabaseException.of(file, e);
            }
        }
    }

    void transaction(Work work) throws DatabaseException {
        begin();
        try {
            work.run();
            commit();
        } catch (DatabaseException | RuntimeException e) {
            try {
                rollback();
            } catch (DatabaseException suppressed) {
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
    public void close() throws DatabaseException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw DatabaseException.of(file, e);
        }
    }
}
