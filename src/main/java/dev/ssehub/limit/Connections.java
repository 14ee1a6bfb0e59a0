package dev.ssehub.limit;

import module java.base;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LogThrottle;
import dev.ssehub.subscriber.Subscription;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Counts and limits connections and streams, in total and per client address. Thread-safe. */
public final class Connections {
    // In total: Helidon enforces the limit, so connections are only counted here. After a failed TLS handshake, a connection is
    // counted slightly longer here than by Helidon.
    //
    // The reserve: streams stay open, so they could use up all connections. Some connections are reserved for publishers and
    // health checks. When half of the reserve is used, connections are scarce: each answer closes its connection, and
    // ConnectionWatch closes the connections that have waited longest.
    //
    // Per address: a client over the limit of its address receives an answer that says so. That answer needs a connection, so
    // each address may have a few surplus connections. A trusted proxy is not a client: its connections are not counted per
    // address. Its streams are counted for the client in X-Forwarded-For, or for the proxy's own address if that header names no
    // client.
    //
    // Memory: a stream with many topics needs the memory of several streams, and counts as several connections of its address.

    private static final System.Logger LOG = System.getLogger(Connections.class.getName());
    private static final int RESERVE_DIVISOR = 20;
    private static final int MIN_RESERVE = 8;
    private static final int MAX_SURPLUS = 16;
    /** The number of streams that an address may have even if all of them have many topics. */
    private static final int MIN_STREAMS_PER_ADDRESS = 10;

    /** Whether a stream may open, or the limit that prevents it: of all streams, of their memory, or of the client's address. */
    public enum Answer {
        YES, CONNECTIONS, MEMORY, CONNECTIONS_PER_ADDRESS
    }

    private volatile LimitSettings limits;
    private final HubMetrics metrics;
    private final int max;
    private final int reserve;
    private final StreamCost cost;
    private final Budget all;
    private final Budget streams;
    private final Budget memory;
    private final AddressBudgets within;
    private final AddressBudgets surplus = new AddressBudgets(MAX_SURPLUS);
    private final LogThrottle throttle = new LogThrottle();

    public Connections(LimitSettings limits, ProcessLimits process, HubMetrics metrics) {
        this.limits = limits;
        this.metrics = metrics;
        int possible = process.connections();
        max = limits.maxConnections() == 0 ? possible : Math.min(limits.maxConnections(), possible);
        if (limits.maxConnections() > possible) {
            LOG.log(Level.WARNING, "sse-hub.limits.max-connections is " + limits.maxConnections() + ", but the open files "
                    + "(ulimit -n) and the memory (-Xmx) of the process allow only " + possible + ", which is the limit now");
        }
        reserve = Math.min(Math.max(max / RESERVE_DIVISOR, MIN_RESERVE), max / 2);
        cost = new StreamCost(process.streamBytes());
        all = new Budget(max, () -> "full: there are " + max + " connections; further clients wait until a connection has ended, "
                + "or is closed because its client delays a request");
        streams = new Budget(max - reserve,
                () -> "full: there are " + (max - reserve) + " streams; more are refused, as the last "
                        + reserve + " connections are reserved for publishers and health checks");
        memory = new Budget(process.streamMemory(),
                () -> "full: " + streams() + " streams, with their topics and those that their "
                        + "tokens grant, fill half of the heap; more are refused. A larger heap (-Xmx) holds more");
        within = new AddressBudgets(limits.maxConnectionsPerAddress());
    }

    /** Returns the limits that apply now. */
    public LimitSettings limits() {
        return limits;
    }

    /** Replaces the limits, except the maximum number of all connections. Open connections and streams stay. */
    public void apply(LimitSettings settings) {
        limits = settings;
        within.limit(settings.maxConnectionsPerAddress());
    }

    /** Returns the maximum number of connections. */
    public int max() {
        return max;
    }

    /** Returns the maximum number of streams. */
    public int maxStreams() {
        return max - reserve;
    }

    /** Returns the number of connections, including streams. */
    public int count() {
        return (int) all.taken();
    }

    public int streams() {
        return (int) streams.taken();
    }

    /** Returns the number of client addresses that have connections. */
    public int addresses() {
        return (int) Stream.of(within, surplus).flatMap(each -> each.holders().stream()).distinct().count();
    }

    long memoryLeft() {
        return memory.left();
    }

    /** Returns the number of connections that must end before half of the reserve is free. It is 0 unless connections are scarce. */
    public int shortage() {
        return (int) Math.max(0, (reserve + 1) / 2 - all.left());
    }

    /** Counts a new connection. Returns its place, or {@code null} if its address has too many connections and it must be closed. */
    public @Nullable Place enter(InetAddress peer) {
        AddressBudgets counted = null;
        if (!AddressRange.anyContains(limits.trustedProxies(), peer)) {
            ClientAddress address = new ClientAddress(peer).network();
            counted = within.take(address, 1) ? within : surplus;
            boolean enters = counted == within || surplus.take(address, 1);
            if (counted == surplus) {
                warn(address); // only now, because logging takes time, in which a later connection could be counted first
            }
            if (!enters) {
                closed(peer, Limit.CONNECTIONS_PER_ADDRESS);
                return null;
            }
        }
        all.takeAnyway(1);
        return new Place(peer, counted);
    }

    private void warn(ClientAddress address) {
        if (throttle.isDue()) {
            LOG.log(Level.WARNING, address.text() + " has " + limits.maxConnectionsPerAddress()
                    + " connections, which is the limit "
                    + "for one address (sse-hub.limits.max-connections-per-address); more are refused. If it is a proxy, name it in "
                    + "sse-hub.limits.trusted-proxies and let it send X-Forwarded-For. For a minute, further addresses are only "
                    + "counted (sse_hub_limit_reached_total)");
        }
    }

    private void closed(InetAddress peer, Limit reached) {
        metrics.reached(reached);
        LOG.log(Level.DEBUG, () -> "closed a connection from " + peer.getHostAddress() + ": limit " + reached.label());
    }

    /** @param connections the number of connections for which the stream counts, besides its own connection */
    private record OpenStream(ClientAddress address, int connections, long bytes) {}

    /** The place of one connection. For the connection's thread, or for one other thread after that thread has ended. */
    public final class Place implements AutoCloseable {
        private final InetAddress peer;
        /** Where the connection is counted for its address: within the limit, as surplus, or nowhere. */
        private @Nullable AddressBudgets counted;
        private @Nullable OpenStream stream;

        private Place(InetAddress peer, @Nullable AddressBudgets counted) {
            this.peer = peer;
            this.counted = counted;
        }

        /** Returns the client of a request, given the request's lines of {@code X-Forwarded-For}. */
        public ClientAddress client(List<String> forwardedFor) {
            return ClientAddress.of(peer, forwardedFor, limits.trustedProxies());
        }

        /** Returns whether the connection must be closed after the current answer, to make room for other connections. */
        public boolean isScarce() {
            return counted == surplus || shortage() > 0;
        }

        /** Counts the connection as a stream of the client if allowed. First stops counting an earlier stream. */
        public Answer openStream(ClientAddress client, Subscription subscription) {
            closeStream();
            Answer answer = tryOpen(client.network(), cost.of(subscription));
            if (answer != Answer.YES) {
                metrics.reached(answer == Answer.CONNECTIONS_PER_ADDRESS ? Limit.CONNECTIONS_PER_ADDRESS : Limit.CONNECTIONS);
                LOG.log(Level.DEBUG, () -> "refused a stream to " + client.address().getHostAddress() + ": " + answer);
            }
            return answer;
        }

        private Answer tryOpen(ClientAddress client, long bytes) {
            if (counted == surplus) {
                ClientAddress address = new ClientAddress(peer).network();
                if (!within.take(address, 1)) {
                    return Answer.CONNECTIONS_PER_ADDRESS;
                }
                surplus.giveBack(address, 1);
                counted = within;
            }
            if (!streams.take(1)) {
                return Answer.CONNECTIONS;
            }
            int maxConnections = Math.max(1, limits.maxConnectionsPerAddress() / MIN_STREAMS_PER_ADDRESS);
            // the connection of a direct client is already counted
            int more = cost.streams(bytes, maxConnections) - (counted == null ? 0 : 1);
            if (!within.take(client, more)) {
                streams.giveBack(1);
                warn(client);
                return Answer.CONNECTIONS_PER_ADDRESS;
            }
            if (!memory.take(bytes)) {
                within.giveBack(client, more);
                streams.giveBack(1);
                return Answer.MEMORY;
            }
            stream = new OpenStream(client, more, bytes);
            return Answer.YES;
        }

        /** Stops counting the connection as a stream. Does nothing if it is not a stream. */
        public void closeStream() {
            OpenStream open = stream;
            stream = null;
            if (open != null) {
                memory.giveBack(open.bytes);
                within.giveBack(open.address, open.connections);
                streams.giveBack(1);
            }
        }

        /** Counts and logs that a limit has closed the connection. Does nothing if {@code reached} is {@code null}. */
        public void closedBy(@Nullable Limit reached) {
            if (reached != null) {
                closed(peer, reached);
            }
        }

        /** Stops counting the connection. */
        @Override
        public void close() {
            closeStream();
            if (counted != null) {
                counted.giveBack(new ClientAddress(peer).network(), 1);
            }
            all.giveBack(1);
        }
    }
}
