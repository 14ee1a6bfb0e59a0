package dev.ssehub.history.database;

import module java.base;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The file cannot be used. The message is one sentence for the operator that names the file. */
public final class DatabaseException extends IOException {
    private static final long serialVersionUID = 1;

    /** What the caller can do about it. */
    public enum Kind {
        /** The content is damaged. {@link DatabaseFile#setAside} begins a new file. */
        DAMAGED("is damaged"),
        /** There is no space left. Later calls may succeed. */
        FULL("cannot be written: there is no space left on the device"),
        /** Nothing can be written, because of permissions or a read-only device. */
        READ_ONLY("cannot be written: it is read-only"),
        /** The file was moved, removed or replaced while it was open. */
        REPLACED("was moved, removed or replaced"),
        /** Another program holds the file for too long. */
        BUSY("is in use by another program"),
        /** Everything else, such as an error of the device. */
        OTHER("cannot be used");

        private final String sentence;

        /** Returns the reason for publishers, who must not learn the path. */
        public String reason() {
            return this == FULL
                    ? "there is no space left on its disk"
                    : "its file " + (this == OTHER ? "has an error" : sentence);
        }

        Kind(String sentence) {
            this.sentence = sentence;
        }
    }

    private final Kind kind;

    public DatabaseException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    private DatabaseException(Kind kind, String message, Exception cause) {
        super(message, cause);
        this.kind = kind;
    }

    static DatabaseException of(Path file, SQLException e) {
        int code = e instanceof SQLiteException sqlite ? sqlite.getResultCode().code : e.getErrorCode();
        Kind kind = kind(code);
        String detail = kind == Kind.OTHER ? ": " + e.getMessage() : "";
        return new DatabaseException(kind, "the file " + file + " " + kind.sentence + detail, e);
    }

    static DatabaseException of(Path file, IOException e) {
        String reason = switch (e) {
            case NoSuchFileException _ -> "there is no such file or folder";
            case AccessDeniedException _ -> "no permission";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> String.valueOf(e.getMessage());
        };
        return new DatabaseException(Kind.OTHER, "the file " + file + " cannot be opened: " + reason, e);
    }

    private static Kind kind(int code) {
        if (code == SQLiteErrorCode.SQLITE_IOERR_CORRUPTFS.code) {
            return Kind.DAMAGED;
        } else if (code == SQLiteErrorCode.SQLITE_IOERR_SHMSIZE.code) {
            return Kind.FULL; // the -shm file could not grow
        } else if (code == SQLiteErrorCode.SQLITE_READONLY_DBMOVED.code) {
            return Kind.REPLACED;
        }
        return switch (SQLiteErrorCode.getErrorCode(code & 0xff)) {
            case SQLITE_CORRUPT, SQLITE_NOTADB -> Kind.DAMAGED;
            case SQLITE_FULL -> Kind.FULL;
            case SQLITE_READONLY, SQLITE_PERM -> Kind.READ_ONLY;
            case SQLITE_BUSY, SQLITE_LOCKED -> Kind.BUSY;
            default -> Kind.OTHER;
        };
    }

    /** Returns what the caller can do about it. */
    public Kind kind() {
        return kind;
    }
}
