package dev.ssehub.history.file;

import module java.base;

/** The permissions of our files: the owner alone may read and write them. */
final class Rights {
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");
    /** For a file that is created. */
    static final FileAttribute<Set<PosixFilePermission>> OWNER_ALONE = PosixFilePermissions.asFileAttribute(OWNER);

    private Rights() {}

    /** Takes the rights of everyone else away, if there are any and the file exists. */
    static void narrow(Path file) throws IOException {
        if (Files.exists(file) && !OWNER.containsAll(Files.getPosixFilePermissions(file))) {
            Files.setPosixFilePermissions(file, OWNER);
        }
    }
}
