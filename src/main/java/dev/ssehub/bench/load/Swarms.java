package dev.ssehub.bench.load;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.ssehub.bench.load.Tally.Count;

/** All subscribers of a run, spread over threads. Not thread-safe. */
public final class Swarms implements AutoCloseable {

    private final List<Reader> readers;
    private final int topics;
    private final ConnectionTally connections;
    private final List<Swarm> swarms = new ArrayList<>();

    /** Starts to connect. */
    public Swarms(LoadSettings settings, InetSocketAddress address, Stamp stamp, Workers workers) throws IOException {
        this.topics = settings.topics();
        this.connections = new ConnectionTally(settings.subscribers(), stamp);
        List<byte[]> requests = settings.heads("GET", settings.target(), "Accept", "text/event-stream").stream()
                .map(head -> (head + "\r\n").getBytes(ISO_8859_1)).toList();
        this.readers = IntStream.range(0, settings.subscribers())
                .mapToObj(index -> new Reader(settings, stamp, index, requests.get(index % topics))).toList();
        int threads = settings.threads();
        try {
            for (int i = 0; i < threads; i++) {
                Stream<Reader> share = IntStream.iterate(i, index -> index < readers.size(), index -> index + threads)
                        .mapToObj(readers::get);
                int ramp = (settings.ramp() + threads - 1 - i) / threads; // the ramps of all swarms add up to the ramp of the run
                swarms.add(new Swarm(workers, "bench-swarm-" + (i + 1), share.iterator(), address, ramp, stamp, connections));
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
        return swarms.stream().mapToLong(swarm -> swarm.tally().get(count)).sum();
    }

    /** Returns the sum of all tallies. Call it after {@link #close}. */
    public Tally total() {
        Tally total = new Tally();
        swarms.forEach(swarm -> total.add(swarm.tally()));
        return total;
    }

    /** Closes all connections and blocks until the threads have ended. Closing again does nothing. */
    @Override
    public void close() {
        swarms.forEach(Swarm::close);
    }
}
