package dev.ssehub.bench.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;

import org.jspecify.annotations.Nullable;

import dev.ssehub.bench.Bench;

/** The subscribers of one thread: connects them all, then reads what comes until it is closed. */
final class Swarm implements AutoCloseable {

    // One thread, one selector, one buffer. Everything belongs to that thread but the tally's part for others, the volatile
    // fields, and the latch that tells when every subscriber is connected or has failed.

    private static final int READ_SIZE = 128 * 1024;
    private static final int SLOW_RECEIVE_BUFFER = 4 * 1024;

    private final List<Reader> subscriptions;
    private final InetSocketAddress address;
    private final int ramp;
    private final long epoch;
    private final Tally tally = new Tally();
    private final CountDownLatch ready;
    private final ByteBuffer buffer = ByteBuffer.allocate(READ_SIZE);
    private final Selector selector;
    private final Thread thread;
    private int opened;
    private boolean reported;
    private volatile boolean closed;
    private volatile @Nullable String impatience;
    private volatile @Nullable Throwable defect;

    /**
     * Starts to connect.
     *
     * @param ramp how many connections may be without an answer
     * @param epoch when the clock of the run began, in terms of {@link System#nanoTime}
     * @param ready is counted down when every subscriber is connected or has failed
     */
    Swarm(String name, List<Reader> subscriptions, InetSocketAddress address, int ramp, long epoch, CountDownLatch ready)
            throws IOException {
        this.subscriptions = subscriptions;
        this.address = address;
        this.ramp = ramp;
        this.epoch = epoch;
        this.ready = ready;
        this.selector = Selector.open();
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
        thread.start();
    }

    /** What its subscribers have received. */
    Tally tally() {
        return tally;
    }

    /** Its subscribers that are connected, or were; to be asked when none is being connected any more. */
    List<Reader> connected() {
        return subscriptions.stream().filter(Reader::isConnected).toList();
    }

    /** What has ended its thread, if that was not {@link #close}. */
    @Nullable
    Throwable defect() {
        return defect;
    }

    private void run() {
        try (selector) {
            while (!closed) {
                open();
                giveUp();
                tally.publish();
                report();
                selector.select(this::proceed);
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
        } catch (IOException | RuntimeException | Error e) {
            defect = e;
        } finally {
            tally.publish();
            if (!reported) {
                ready.countDown();
            }
        }
    }

    /** Opens connections as long as not too many wait for their answer. */
    private void open() {
        while (opened < subscriptions.size() && opened - tally.connected() - tally.failed() < ramp) {
            Reader subscription = subscriptions.get(opened++);
            try {
                connect(subscription);
            } catch (IOException e) {
                tally.fail(1, reason(e));
            }
        }
    }

    private void connect(Reader subscription) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (subscription.isSlow()) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, SLOW_RECEIVE_BUFFER);
            }
            SelectionKey key = channel.configureBlocking(false).register(selector, SelectionKey.OP_CONNECT, subscription);
            if (channel.connect(address)) {
                send(key, channel, subscription);
            }
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void giveUp() {
        String reason = impatience;
        if (reason != null && !reported) {
            for (SelectionKey key : selector.keys()) {
                Reader subscription = (Reader) Objects.requireNonNull(key.attachment());
                if (key.isValid() && !subscription.isConnected()) {
                    end(key, subscription, new IOException(reason));
                }
            }
            tally.fail(subscriptions.size() - opened, reason);
            opened = subscriptions.size();
        }
    }

    private void report() {
        if (!reported && tally.connected() + tally.failed() == subscriptions.size()) {
            reported = true;
            ready.countDown();
        }
    }

    private void proceed(SelectionKey key) {
        SocketChannel channel = (SocketChannel) key.channel();
        Reader subscription = (Reader) Objects.requireNonNull(key.attachment());
        try {
            if (key.isReadable()) {
                read(key, channel, subscription);
            } else {
                channel.finishConnect();
                send(key, channel, subscription);
            }
        } catch (IOException e) {
            end(key, subscription, e);
        }
    }

    private static void send(SelectionKey key, SocketChannel channel, Reader subscription) throws IOException {
        key.interestOps(subscription.send(channel) ? SelectionKey.OP_READ : SelectionKey.OP_WRITE);
    }

    private void read(SelectionKey key, SocketChannel channel, Reader subscription) throws IOException {
        int count = channel.read(buffer.clear());
        if (count < 0) {
            throw new EOFException("the server has closed the connection");
        }
        boolean wasConnected = subscription.isConnected();
        try {
            tally.read(count);
            subscription.take(buffer.array(), count, System.nanoTime() - epoch, tally);
        } finally {
            if (subscription.isConnected() && !wasConnected) {
                tally.connect();
            }
        }
        if (subscription.isSlow() && subscription.isConnected()) {
            key.interestOps(0);
        }
    }

    private void end(SelectionKey key, Reader subscription, IOException e) {
        if (subscription.isConnected()) {
            tally.end(reason(e));
        } else {
            tally.fail(1, reason(e));
        }
        try {
            key.channel().close();
        } catch (IOException closing) {
            e.addSuppressed(closing);
        }
    }

    private static String reason(IOException e) {
        return Objects.requireNonNullElse(e.getMessage(), e.toString());
    }

    /** What is not connected yet has failed, for this reason. */
    void stopConnecting(String reason) {
        impatience = reason;
        selector.wakeup();
    }

    /** Ends its thread and closes all connections. Closing twice does nothing. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        Bench.awaitEnd(thread);
    }
}
