package dev.ssehub.feed;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Follows the file of a name, as {@code tail -F} does: what is appended, and when the name comes to be that of another file
 * (a rotation), the rest of the old one and then the new one from its beginning. A file that has become shorter is read from
 * its beginning, too. What is not there is waited for.
 *
 * <p>
 * What cannot be seen, as with {@code tail -F}: a file that was truncated and has grown beyond where it was, both between two
 * reads, is taken for one that has grown; what was written between the last read and a truncation is gone; and so is a file
 * that came and went between two reads. What is written to the old file when there is something in the new one already, which
 * only a second writer does, is not read.
 *
 * <p>
 * All but {@link #stop} is for one thread at a time.
 */
final class FileTail implements AutoCloseable {

    // A writer goes on writing to a file that was renamed, until it opens the new one. So the old one stays open while there
    // is no other, or that is empty, and it is read to its end once more after something was seen in the new one. If it was
    // deleted, it takes its space on the disk until then.

    private static final System.Logger LOG = System.getLogger(FileTail.class.getName());
    private static final int BUFFER_BYTES = 65_536;

    private final Path path;
    private final LineSplitter lines;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private @Nullable OpenFile current;
    /** Whether the next file that is opened is one that is there from the start: what it has is old. */
    private boolean fromEnd = true;
    private boolean missing;
    private volatile boolean stopped;

    /** An open file, recognised by its key (on Unix, device and inode; on Windows there is none, and all look the same). */
    private static final class OpenFile {
        final FileChannel channel;
        final @Nullable Object key;
        long position;

        OpenFile(FileChannel channel, @Nullable Object key, long position) {
            this.channel = channel;
            this.key = key;
            this.position = position;
        }
    }

    /** Opens the file, if it is there, at its end. */
    FileTail(Path path, LineSplitter lines) {
        this.path = path;
        this.lines = lines;
        try {
            BasicFileAttributes named = look();
            current = named == null ? null : open(named);
        } catch (IOException e) {
            current = null; // the first read comes upon it again, and tells
        }
    }

    /**
     * Reads all that has come since the last time.
     *
     * @throws IOException if the file cannot be read now; the next time it goes on from where it was
     */
    void read() throws IOException {
        while (!stopped) {
            BasicFileAttributes named = look();
            OpenFile old = current;
            if (old != null) {
                readToEnd(old);
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
                throw new IOException(path + " is not a file that can be followed");
            }
            missing = false;
            return named;
        } catch (NoSuchFileException e) {
            fromEnd = false;
            if (!missing) {
                missing = true;
                LOG.log(Level.WARNING, "there is no file " + path + ", waiting for it");
            }
            return null;
        } catch (AccessDeniedException e) {
            throw noPermission(e);
        }
    }

    /** Opens what has the name, or returns {@code null} if that is not the file that was found there any more. */
    private @Nullable OpenFile open(BasicFileAttributes named) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            return null;
        } catch (AccessDeniedException e) {
            throw noPermission(e);
        }
        boolean opened = false;
        try {
            if (!Objects.equals(Files.readAttributes(path, BasicFileAttributes.class).fileKey(), named.fileKey())) {
                return null;
            }
            OpenFile file = new OpenFile(channel, named.fileKey(), fromEnd ? channel.size() : 0);
            LOG.log(Level.INFO, "following " + path + " from its " + (fromEnd ? "end" : "beginning"));
            fromEnd = false;
            opened = true;
            return file;
        } catch (NoSuchFileException e) {
            return null;
        } finally {
            if (!opened) {
                channel.close();
            }
        }
    }

    private void readToEnd(OpenFile file) throws IOException {
        if (file.channel.size() < file.position) {
            LOG.log(Level.INFO, path + " was truncated, reading it from its beginning");
            lines.end();
            file.position = 0;
        }
        long begun = file.position;
        while (!stopped) {
            int count = file.channel.read(buffer.clear(), file.position);
            if (count <= 0) {
                break;
            }
            file.position += count;
            lines.add(buffer.flip());
        }
        if (file.position > begun && file.channel.size() < file.position) {
            throw new IOException(path + " was truncated while it was read, or is no file that can be followed:"
                    + " it has given more than its size");
        }
    }

    private IOException noPermission(AccessDeniedException cause) {
        return new IOException("no permission to read " + path, cause);
    }

    /** Ends a read that is under way, from any thread; there is none after it. */
    void stop() {
        stopped = true;
    }

    @Override
    public void close() {
        OpenFile open = current;
        current = null;
        if (open != null) {
            try {
                open.channel.close();
            } catch (IOException e) {
                LOG.log(Level.WARNING, path + " cannot be closed: " + e.getMessage());
            }
        }
    }
}
