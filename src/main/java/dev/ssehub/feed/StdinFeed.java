package dev.ssehub.feed;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubClosedException;

/** Publishes each line of the standard input. When that ends, so does the feed, and the hub goes on. */
public final class StdinFeed implements Feed {

    // A read may block for good. It is one of a channel, on a platform thread, so an interrupt ends it, whatever the input is:
    // a terminal, a pipe, a file.

    private static final System.Logger LOG = System.getLogger(StdinFeed.class.getName());
    private static final int BUFFER_BYTES = 65_536;

    private final ReadableByteChannel input;
    private final LineSplitter lines;
    private final Thread thread;

    /** Starts publishing to a topic. */
    public StdinFeed(Hub hub, String topic) {
        this(hub, topic, standardInput());
    }

    /** @param input what is read, and closed in the end */
    StdinFeed(Hub hub, String topic, ReadableByteChannel input) {
        this.input = input;
        this.lines = new LineSplitter(line -> hub.publish(new Update(List.of(topic), line, null, null, null, false)));
        this.thread = Thread.ofPlatform().name("feed-stdin").daemon().unstarted(this::run);
        thread.start();
    }

    /**
     * A program that is started with its standard input closed gives that number to the first file that it opens, and that is one
     * of the JVM's own: to read it would publish it, and to close it would be the end of the JVM.
     */
    @SuppressWarnings("resource") // closing the stream is closing its channel
    private static ReadableByteChannel standardInput() {
        Path number = Path.of("/proc/self/fd/0");
        try {
            if (Files.exists(number) && number.toRealPath().startsWith(Path.of(System.getProperty("java.home")).toRealPath())) {
                LOG.log(Level.WARNING, "the standard input is closed: there is nothing to publish");
                return Channels.newChannel(InputStream.nullInputStream());
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "what the standard input is cannot be found out", e);
        }
        return new FileInputStream(FileDescriptor.in).getChannel();
    }

    private void run() {
        try (input) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
            while (input.read(buffer.clear()) >= 0) {
                lines.add(buffer.flip());
            }
            lines.end();
            LOG.log(Level.INFO, "the standard input has ended");
        } catch (ClosedByInterruptException | HubClosedException e) {
            // the feed is closed, or there is nobody left to publish to
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the standard input cannot be read any more: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        Ticker.join(thread);
    }
}
