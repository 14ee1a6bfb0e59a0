package dev.ssehub.redis;

import module java.base;

/** A socket on which a write that takes too long can be ended. */
final class WatchedSocket extends Socket {
    private final Set<WatchedSocket> open;
    private volatile long writingSince;
    private volatile boolean writing;
    private volatile boolean expired;

    /** @param open the sockets that are open; this one is among them until it is closed */
    WatchedSocket(Set<WatchedSocket> open) {
        this.open = open;
        open.add(this);
    }

    /**
     * Closes the socket if a write has been under way for longer than this. The write then fails with a
     * {@link SocketTimeoutException}.
     */
    void endWriteAfter(Duration time) {
        if (writing && System.nanoTime() - writingSince > time.toNanos()) {
            expired = true;
            closeNow();
        }
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return new WatchedOutput(super.getOutputStream());
    }

    @Override
    public void close() throws IOException {
        open.remove(this);
        super.close();
    }

    /** Closes the socket, from any thread. A read or write under way fails. */
    void closeNow() {
        try {
            close();
        } catch (IOException _) {
            // nothing is left to release
        }
    }

    private final class WatchedOutput extends FilterOutputStream {
        WatchedOutput(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[]{(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            writingSince = System.nanoTime();
            writing = true;
            try {
                out.write(bytes, offset, length);
            } catch (SocketException e) {
                if (expired) {
                    throw new SocketTimeoutException("Write timed out");
                }
                throw e;
            } finally {
                writing = false;
            }
        }
    }
}
