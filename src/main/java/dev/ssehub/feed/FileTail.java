package dev.ssehub.feed;

import module java.base;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Follows the file at a path, like {@code tail -F}. It reads what is appended. When the path leads to another file (a rotation),
 * it reads the rest of the old file and then the new file from its beginning. It also reads a file from its beginning that has
 * become shorter (a truncation), and waits for a file that does not exist.
 * <p>
 * Like {@code tail -F}, it misses bytes that are written between the last read and a truncation, and a file that appears and
 * disappears between two reads. A file that is truncated and grows beyond its old size between two reads looks like a file that
 * has grown. If two processes write, bytes that are appended to the old file after the first ones of the new file are not read.
 * <p>
 * Only {@link #stop} may be called from any thread; everything else is for one thread at a time.
 */
final class FileTail implements AutoCloseable {
    // A writer continues to write to a renamed file until it opens the new one. So the old file stays open, and occupies
    // its space on the disk, until the new file exists and is not empty. After that, the old file is read to its end once more.

    private static final System.Logger LOG = System.getLogger(FileTail.class.getName());
    private static final int BUFFER_BYTES = 65_536;

    private final Path path;
    private final LineSplitter lines;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private @Nullable OpenFile current;
    /** Whether the next file to open has existed from the start, so that its content is old. */
    private boolean fromEnd = true;
    private boolean missing;
    private volatile boolean stopped;

    /** An open file. The key identifies it: device and inode on Unix. Windows has no key, so all files look the same. */
    private record OpenFile(FileChannel channel, @Nullable Object key) {}

    /** Opens the file at its end if it exists. */
    FileTail(Path path, LineSplitter lines) {
        this.path = path;
        this.lines = lines;
        try {
            BasicFileAttributes named = look();
            current = named == null ? null : open(named);
        } catch (IOException e) {
            // the first read fails with the same exception and reports it
        }
    }

    /**
     * Reads everything that was appended since the last call.
     *
     * @throws IOException if the file cannot be read now; the next call continues at the same position
     */
    void read() throws IOException {
        while (!stopped) {
            BasicFileAttributes named = look();
            OpenFile old = current;
            if (old != null) {
                readToEnd(old.channel);
                if (named != null && (named.size() == 0 || Objects.equals(named.fileKey(), old.key))) {
                    return;
                }
            }
            if (named == null || stopped) {
                return;
            }
            OpenFile next = open(named);
            if (next != null) {
                current = next;
                if (old != null) {
                    lines.end();
                    old.channel.close();
                }
            }
        }
    }

    private @Nullable BasicFileAttributes look() throws IOException {
        try {
            BasicFileAttributes named = Files.readAttributes(path, BasicFileAttributes.class);
            if (!named.isRegularFile()) {
                throw new IOException(path + " is not a regular file, so it cannot be followed");
            }
            missing = false;
            return named;
        } catch (NoSuchFileException e) {
            fromEnd = false;
            if (!missing) {
                missing = true;
                LOG.log(Level.WARNING, "there is no file " + path + "; waiting for it");
            }
            return null;
        } catch (AccessDeniedException e) {
            throw noPermission(e);
        }
    }

    /** Opens the file, or returns {@code null} if it is no longer the file whose attributes are given. */
    private @Nullable OpenFile open(BasicFileAttributes named) throws IOException {
        FileChannel unused = null;
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            unused = channel;
            if (!Objects.equals(Files.readAttributes(path, BasicFileAttributes.class).fileKey(), named.fileKey())) {
                return null;
            }
            channel.position(fromEnd ? channel.size() : 0);
            LOG.log(Level.INFO, "following " + path + " from its " + (fromEnd ? "end" : "beginning"));
            fromEnd = false;
            unused = null;
            return new OpenFile(channel, named.fileKey());
        } catch (NoSuchFileException e) {
            return null;
        } catch (AccessDeniedException e) {
            throw noPermission(e);
        } finally {
            if (unused != null) {
                unused.close();
            }
        }
    }

    private void readToEnd(FileChannel file) throws IOException {
        if (file.size() < file.position()) {
            LOG.log(Level.INFO, path + " was truncated; reading it from its beginning");
            lines.end();
            file.position(0);
        }
        long begun = file.position();
        while (!stopped && file.read(buffer.clear()) > 0) {
            lines.add(buffer.flip());
        }
        if (file.position() > begun && file.size() < file.position()) {
            throw new IOException(path + " was truncated while it was read, or cannot be followed:"
                    + " it contained more bytes than its size");
        }
    }

    private IOException noPermission(AccessDeniedException cause) {
        return new IOException("no permission to read " + path, cause);
    }

    /** Ends the current read and prevents further ones. Any thread may call. */
    void stop() {
        stopped = true;
    }

    @Override
    public void close() {
        try {
            if (current != null) {
                current.channel.close();
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "could not close " + path + ": " + e.getMessage());
        }
    }
}
