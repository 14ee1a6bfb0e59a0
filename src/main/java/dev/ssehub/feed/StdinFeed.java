package dev.ssehub.feed;

import module java.base;
import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.metrics.PublishedBy;
import dev.ssehub.thread.PeriodicTask;
import java.lang.System.Logger.Level;

/** Publishes each line of the standard input. The feed ends with its input; the hub does not. */
public final class StdinFeed implements Feed {
    // A read can block forever. An interrupt ends it because it reads from a channel and on a platform thread, whether the input
    // is a terminal, a pipe or a file.

    private static final System.Logger LOG = System.getLogger(StdinFeed.class.getName());
    private static final int BUFFER_BYTES = 65_536;

    private final ReadableByteChannel input;
    private final Source source;
    private final LineSplitter lines;
    private final Thread thread;

    /** Starts to publish to a topic. */
    public StdinFeed(Hub hub, String topic) {
        this(hub, topic, standardInput());
    }

    /** The feed closes the input when it ends. */
    StdinFeed(Hub hub, String topic, ReadableByteChannel input) {
        this.input = input;
        this.source = new Source(hub, PublishedBy.STDIN_FEED, Reach.CLUSTER);
        this.lines = new LineSplitter(line -> source.publish(new Update(topic, line)));
        this.thread = Thread.ofPlatform().name("feed-stdin").daemon().unstarted(this::run);
        thread.start();
    }

    /**
     * Returns the standard input, or an empty input if file descriptor 0 is a file of the JVM. That happens if the process was
     * started with its standard input closed, since the first file that it opens then gets this number. The feed must not publish
     * that file, and closing it would crash the JVM.
     */
    @SuppressWarnings("resource") // closing the stream is closing its channel
    private static ReadableByteChannel standardInput() {
        Path number = Path.of("/proc/self/fd/0");
        try {
            if (Files.exists(number) && number.toRealPath().startsWith(Path.of(System.getProperty("java.home")).toRealPath())) {
                LOG.log(Level.WARNING, "the standard input is closed, so no line is published");
                return Channels.newChannel(InputStream.nullInputStream());
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "could not find out what the standard input is", e);
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
            // the feed or the hub was closed
        } catch (IOException e) {
            LOG.log(Level.WARNING, "could not read the standard input: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        source.close();
        thread.interrupt();
        PeriodicTask.join(thread);
    }
}
