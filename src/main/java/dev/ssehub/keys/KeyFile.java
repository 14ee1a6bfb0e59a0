package dev.ssehub.keys;

import module java.base;

/** Reads files that hold keys, certificates or passwords. */
public final class KeyFile {
    private static final int MAX_SIZE = 1 << 20;

    private KeyFile() {}

    /**
     * Returns the content of a regular file, or of the regular file that a link leads to. Pipes and devices are refused, because
     * reading them may block forever.
     *
     * @throws IOException if the file cannot be read or is larger than 1 MiB; the message is one sentence that names the file
     */
    public static byte[] read(Path file) throws IOException {
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new IOException(Files.isDirectory(file) ? "it is a directory" : "it is not a regular file");
            }
            try (InputStream in = Files.newInputStream(file)) {
                byte[] bytes = in.readNBytes(MAX_SIZE + 1);
                if (bytes.length > MAX_SIZE) {
                    throw new IOException("it has more than the " + MAX_SIZE + " bytes that are allowed");
                }
                return bytes;
            }
        } catch (IOException e) {
            throw new IOException("the file " + file + " cannot be read: " + switch (e) {
                case NoSuchFileException _ -> "there is no such file";
                case AccessDeniedException _ -> "no permission";
                case FileSystemException other when other.getReason() != null -> other.getReason();
                default -> e.getMessage();
            }, e);
        }
    }
}
