package dev.ssehub.history.database;

import module java.base;

/** Tells whether a hub could use a file, without opening it for writing: a hub may be using it. */
public final class FileCheck {
    private FileCheck() {}

    /**
     * Looks at the name, the permissions and the beginning of the file, which need not exist.
     *
     * @throws DatabaseException if the hub would refuse the file; the message is a sentence for the operator
     */
    public static void check(Path path) throws DatabaseException {
        Path file = DatabaseFile.resolve(path);
        try {
            if (!Files.isWritable(Objects.requireNonNull(file.getParent()))) { // for the files beside it
                throw new AccessDeniedException(file.toString());
            }
            if (Files.exists(file)) {
                if (!Files.isWritable(file)) {
                    throw new AccessDeniedException(file.toString());
                }
                Schema.refuseForeign(file, FileGuard.isOurs(file));
            }
        } catch (DatabaseException e) {
            throw e;
        } catch (IOException e) {
            throw DatabaseException.of(path, e);
        }
    }
}
