package dev.ssehub.limit;

import dev.ssehub.limit.AddressCounts.Kind;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.metrics.Limit;
import dev.ssehub.subscriber.Subscription;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts the connections and the streams among them, in total and per client address, and limits both. Any thread may call. */
public final class Connections {

    // In total: Helidon accepts no more connections than allowed, so here they are only counted. After a failed TLS handshake, a
    // connection is counted a moment longer than by Helidon.
    //
    // The reserve: streams stay open, so they could take all connections. Some are reserved for publishers and health checks,
    // which end soon. When half of the reserve is used, connections are scarce: each answer closes its connection, and
    // the watch closes the connections that have waited longest.
    //
    // Per address: a client whose address has all the connections it may have is told so in an answer. That answer needs a
    // connection, so each address may have a few surplus connections. A trusted proxy is not a client: its connections are not
    // counted per address, but its streams are, for the client that X-Forwarded-For names, or else for the proxy's own address.
    //
    // Memory: a stream with many topics takes the memory of several streams, and counts as several connections of its address.

    private static final System.Logger LOG = System.getLogger(Connections.class.getName());
    private static final int PART_FOR_RESERVE = 20;
    private static final int MIN_RESERVE = 8;
    /** How many streams an address may have even if all of them have many topics. */
    private static final int MIN_STREAMS_PER_ADDRESS = 10;

    /** Whether a stream may open. */
    public enum Answer {
        /** The stream may open, and is counted. */
        YES,
        /** There are as many streams as allowed. */
        CONNECTIONS,
        /** The topics of all streams leave no memory for this one. */
        MEMORY,
        /** The client's address has as many connections as one address may have. */
        CONNECTIONS_PER_ADDRESS
    }

    private final HubMetrics metrics;
    private final int max;
    private final int reserve;
    private final int maxPerStream;
    private final List<AddressRange> proxies;
    private final StreamCost cost;
    private final Budget all;
    private final Budget streams;
    private final Budget memory;
    private final AddressCounts addresses;

    public Connections(LimitSettings limits, ProcessLimits process, HubMetrics metrics) {
        this.metrics = metrics;
        int possible = process.connections();
        max = limits.maxConnections() == 0 ? possible : Math.min(limits.maxConnections(), possible);
        if (limits.maxConnections() > possible) {
            LOG.log(Level.WARNING, "sse-hub.limits.max-connections is " + limits.maxConnections() + ", but the open files "
                    + "(ulimit -n) and the memory (-Xmx) of the process allow only " + possible + ": it is " + possible);
        }
        reserve = Math.min(Math.max(max / PART_FOR_RESERVE, MIN_RESERVE), max / 2);
        maxPerStream = Math.max(1, limits.maxConnectionsPerAddress() / MIN_STREAMS_PER_ADDRESS);
        proxies = limits.trustedProxies();
        cost = new StreamCost(process.streamBytes());
        all = new Budget(max, () -> "full: there are " + max + " connections; further clients wait until a connection has ended, "
                + "or is closed because its client keeps a request waiting");
        streams = new Budget(max - reserve,
                () -> "full: there are " + (max - reserve) + " streams; more are refused, as the last "
                        + reserve + " connections are reserved for publishers and health checks");
        memory = new Budget(process.streamMemory(),
                () -> "full: " + streams() + " streams, with their topics and those that their "
                        + "tokens grant, fill half of the heap; more are refused. A larger heap (-Xmx) holds more");
        addresses = new AddressCounts(limits.maxConnectionsPerAddress());
    }

    /** Returns how many connections are allowed. */
    public int max() {
        return max;
    }

    /** Returns how many connections there are, streams included. */
    public int count() {
        return (int) all.taken();
    }

    /** Returns how many streams there are. */
    public int streams() {
        return (int) streams.taken();
    }

    /** Returns how many client addresses have connections. */
    public int addresses() {
        return addresses.size();
    }

    long memoryLeft() {
        return memory.left();
    }

    /** Returns how many connections must end before half of the reserve is free; 0 unless connections are scarce. */
    public int shortage() {
        return (int) Math.max(0, (reserve + 1) / 2 - all.left());
    }

    /** Counts a new connection. Returns its place, or {@code null} if it must be closed at once: its address has far too many. */
    public @Nullable Place enter(InetAddress peer) {
        all.takeAnyway(1);
        if (ClientAddress.isOneOf(proxies, peer)) {
            return new Place(peer, Kind.NONE);
        }
        Kind kind = addresses.add(new ClientAddress(peer));
        if (kind == Kind.NONE) {
            all.giveBack(1);
            closed(peer, Limit.CONNECTIONS_PER_ADDRESS);
            return null;
        }
        return new Place(peer, kind);
    }

    private void closed(InetAddress peer, Limit reached) {
        metrics.reached(reached);
        LOG.log(Level.DEBUG, () -> "closed a connection from " + peer.getHostAddress() + ": limit " + reached.label());
    }

    private void refused(ClientAddress client, Answer answer) {
        metrics.reached(answer == Answer.CONNECTIONS_PER_ADDRESS ? Limit.CONNECTIONS_PER_ADDRESS : Limit.CONNECTIONS);
        LOG.log(Level.DEBUG, () -> "refused a stream to " + client.address().getHostAddress() + ": " + answer);
    }

    /** @param connections how many connections of the client the stream counts as, besides the one that it uses */
    private record OpenStream(ClientAddress client, int connections, long bytes) {}

    /** The place of one connection. Called by the connection's thread, or by one other thread after that has ended. */
    public final class Place implements AutoCloseable {

        private final InetAddress peer;
        private Kind kind;
        private @Nullable OpenStream stream;

        private Place(InetAddress peer, Kind kind) {
            this.peer = peer;
            this.kind = kind;
        }

        /** Returns the client that a request comes from, given its lines of {@code X-Forwarded-For}. */
        public ClientAddress client(List<String> forwardedFor) {
            return ClientAddress.of(peer, forwardedFor, proxies);
        }

        /** Returns whether the connection should be closed after its current answer, because others need it. */
        public boolean isScarce() {
            return kind == Kind.SURPLUS || shortage() > 0;
        }

        /** Counts the connection as a stream of the client if allowed. If it is counted as a stream already, that ends first. */
        public Answer openStream(ClientAddress client, Subscription subscription) {
            closeStream();
            Answer answer = tryOpen(client, cost.of(subscription));
            if (answer != Answer.YES) {
                refused(client, answer);
            }
            return answer;
        }

        private Answer tryOpen(ClientAddress client, long bytes) {
            if (kind == Kind.SURPLUS) {
                if (!addresses.promote(new ClientAddress(peer))) {
                    return Answer.CONNECTIONS_PER_ADDRESS;
                }
                kind = Kind.WITHIN;
            }
            if (!streams.take(1)) {
                return Answer.CONNECTIONS;
            }
            // the connection of a direct client counts already
            int more = cost.streams(bytes, maxPerStream) - (kind == Kind.NONE ? 0 : 1);
            if (!addresses.addWithin(client, more)) {
                streams.giveBack(1);
                return Answer.CONNECTIONS_PER_ADDRESS;
            }
            if (!memory.take(bytes)) {
                addresses.remove(client, Kind.WITHIN, more);
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
                addresses.remove(open.client, Kind.WITHIN, open.connections);
                streams.giveBack(1);
            }
        }

        /** Records which limit has closed the connection; {@code null} if none has. */
        public void tell(@Nullable Limit reached) {
            if (reached != null) {
                closed(peer, reached);
            }
        }

        /** Frees the place when the connection has ended. */
        @Override
        public void close() {
            closeStream();
            addresses.remove(new ClientAddress(peer), kind, 1);
            all.giveBack(1);
        }
    }
}
