package dev.ssehub.bench.load;

import module java.base;
import dev.ssehub.bench.load.Tally.Count;
import org.jspecify.annotations.Nullable;

/** The subscribers of one thread. The thread connects all of them, then reads their streams until {@link #close}. */
final class Swarm implements AutoCloseable {

    // Only the swarm's thread uses the fields, except `closed` and the tallies, which other threads may read.

    private static final int READ_SIZE = 128 * 1024;
    private static final int SLOW_RECEIVE_BUFFER = 4 * 1024;
    private static final long STALL_CHECK_MILLIS = 100;

    private final Iterator<Reader> unopened;
    private final InetSocketAddress address;
    private final int ramp;
    private final Stamp clock;
    private final ConnectionTally connections;
    private final Tally tally = new Tally();
    private final ByteBuffer buffer = ByteBuffer.allocate(READ_SIZE);
    private final Selector selector = Selector.open();
    private final Thread thread;
    private int waiting;
    private volatile boolean closed;

    /** Starts to connect; {@code ramp} is the maximum number of connections that wait for an answer at the same time. */
    Swarm(Workers workers, String name, Iterator<Reader> unopened, InetSocketAddress address, int ramp, Stamp clock,
            ConnectionTally connections) throws IOException {
        this.unopened = unopened;
        this.address = address;
        this.ramp = ramp;
        this.clock = clock;
        this.connections = connections;
        this.thread = workers.start(name, this::run);
    }

    Tally tally() {
        return tally;
    }

    private void run() {
        try (selector) {
            while (!closed) {
                while (waiting < ramp && unopened.hasNext()) {
                    connect(unopened.next());
                }
                if (waiting > 0 && connections.isStalled()) {
                    giveUp(new IOException("no answer for 10 s"));
                }
                selector.select(this::proceed, waiting > 0 ? STALL_CHECK_MILLIS : 0);
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void connect(Reader reader) {
        waiting++;
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open();
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (reader.isSlow()) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, SLOW_RECEIVE_BUFFER);
            }
            channel.configureBlocking(false).register(selector, SelectionKey.OP_CONNECT | SelectionKey.OP_WRITE, reader);
            channel.connect(address); // at once or later
        } catch (IOException e) {
            end(channel, reader, e);
        }
    }

    /** Fails all subscribers that are not connected yet. */
    private void giveUp(IOException reason) {
        for (SelectionKey key : selector.keys()) {
            Reader reader = (Reader) Objects.requireNonNull(key.attachment());
            if (key.isValid() && !reader.isConnected()) {
                end(key.channel(), reader, reason);
            }
        }
        unopened.forEachRemaining(_ -> connections.settle(reason.getMessage()));
    }

    private void proceed(SelectionKey key) {
        SocketChannel channel = (SocketChannel) key.channel();
        Reader reader = (Reader) Objects.requireNonNull(key.attachment());
        try {
            if (key.isReadable()) {
                read(key, channel, reader);
            } else {
                channel.finishConnect();
                key.interestOps(reader.send(channel) ? SelectionKey.OP_READ : SelectionKey.OP_WRITE);
            }
        } catch (IOException e) {
            end(channel, reader, e);
        }
    }

    private void read(SelectionKey key, SocketChannel channel, Reader reader) throws IOException {
        int count = channel.read(buffer.clear());
        if (count < 0) {
            throw new EOFException("the server has closed the connection");
        }
        boolean wasConnected = reader.isConnected();
        try {
            tally.count(Count.BYTES, count);
            reader.take(buffer.array(), count, clock.now(), tally);
        } finally {
            if (reader.isConnected() && !wasConnected) {
                waiting--;
                connections.settle(null);
            }
        }
        if (reader.isSlow() && reader.isConnected()) {
            key.interestOps(0);
        }
    }

    private void end(@Nullable Channel channel, Reader reader, IOException e) {
        String reason = Objects.requireNonNullElse(e.getMessage(), e.toString());
        try (channel) {
            if (reader.isConnected()) {
                connections.end(reason);
            } else {
                waiting--;
                connections.settle(reason);
            }
        } catch (IOException closing) {
            e.addSuppressed(closing);
        }
    }

    /** Closes all connections and blocks until the thread has ended. Closing again does nothing. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        Workers.awaitEnd(thread);
    }
}
