package dev.ssehub;

import module java.base;
import java.lang.System.Logger.Level;

/** The file that tells scripts on this machine where the hub serves health and metrics, such as the container's health check. */
final class AddressFile {
    private static final System.Logger LOG = System.getLogger(AddressFile.class.getName());

    private AddressFile() {}

    /** Writes the URL to the file. If this fails, the log says why: the hub works without the file. */
    static void write(Path file, String url) {
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) { // such as a device, which must not be replaced
                throw new IOException(file + " is no regular file");
            }
            Path complete = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), url + "\n");
            Files.move(complete, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the file of sse-hub.observe.address-file cannot be written: " + e);
        }
    }
}
