package dev.ssehub.bench.load;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.ssehub.bench.load.Tally.Count;
import org.jspecify.annotations.Nullable;

/** All subscribers of a run, spread over threads. Each thread connects its subscribers, then reads until {@link #close}. */
public final class Swarms implements AutoCloseable {
    // A swarm is the subscribers of one thread. Only this thread uses the swarm's fields and readers, with two exceptions: all
    // threads may read the tally, and readers() counts the readers when all are connected.

    private static final int READ_SIZE = 128 * 1024;
    private static final int SLOW_RECEIVE_BUFFER = 4 * 1024;
    private static final long STALL_CHECK_MILLIS = 100;

    private final InetSocketAddress address;
    private final Stamp clock;
    private final int topics;
    private final ConnectionTally connections;
    private final List<Reader> readers;
    private final List<Swarm> swarms = new ArrayList<>();
    private volatile boolean closed;

    /** Starts to connect. */
    public Swarms(LoadSettings settings, InetSocketAddress address, Stamp clock, Workers workers) throws IOException {
        this.address = address;
        this.clock = clock;
        this.topics = settings.topics();
        this.connections = new ConnectionTally(settings.subscribers(), clock);
        List<byte[]> requests = settings.heads("GET", settings.target(), "Accept", "text/event-stream").stream()
                .map(head -> (head + "\r\n").getBytes(ISO_8859_1)).toList();
        this.readers = IntStream.range(0, settings.subscribers())
                .mapToObj(index -> new Reader(settings, clock, index, requests.get(index % topics))).toList();
        try {
            for (int i = 0; i < settings.threads(); i++) {
                swarms.add(new Swarm(i, settings, workers));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** Returns the number of connected subscribers of each topic, without slow ones. Call it when all are connected. */
    public int[] readers() {
        int[] counts = new int[topics];
        readers.stream().filter(reader -> reader.isConnected() && !reader.isSlow()).forEach(reader -> counts[reader.topic()]++);
        return counts;
    }

    public ConnectionTally connections() {
        return connections;
    }

    /** Returns the sum of a count over all threads so far. */
    public long sum(Count count) {
        return swarms.stream().mapToLong(swarm -> swarm.tally.get(count)).sum();
    }

    /** Returns the sum of all tallies. Call it after {@link #close}. */
    public Tally total() {
        Tally total = new Tally();
        swarms.forEach(swarm -> total.add(swarm.tally));
        return total;
    }

    /** Closes all connections and blocks until the threads have ended. Closing again does nothing. */
    @Override
    public void close() {
        closed = true;
        swarms.forEach(swarm -> swarm.selector.wakeup());
        swarms.forEach(swarm -> Workers.awaitEnd(swarm.thread));
    }

    private final class Swarm {
        private final Iterator<Reader> unopened;
        private final int ramp;
        private final Tally tally = new Tally();
        private final ByteBuffer buffer = ByteBuffer.allocate(READ_SIZE);
        private final Selector selector = Selector.open();
        private final Thread thread;
        private int waiting;

        Swarm(int index, LoadSettings settings, Workers workers) throws IOException {
            int threads = settings.threads();
            this.unopened = IntStream.iterate(index, i -> i < readers.size(), i -> i + threads).mapToObj(readers::get).iterator();
            this.ramp = (settings.ramp() + threads - 1 - index) / threads; // all add up to the ramp of the run
            this.thread = workers.start("bench-swarm-" + (index + 1), this::run);
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
    }
}
