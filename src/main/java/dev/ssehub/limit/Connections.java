package dev.ssehub.limit;

import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.ssehub.connection.ConnectionEnd;
import dev.ssehub.limit.AddressCounts.Kind;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.metrics.Limit;
import dev.ssehub.subscriber.Subscription;

/** Counts connections, streams among them, in all and by client address, and says whether one more may be. Any thread may call. */
public final class Connections {

    // Helidon accepts no more than there may be in all: here these are only counted, a moment longer if it is a handshake that
    // has failed.
    //
    // Streams stay, so they could take all connections for themselves: a reserve is kept from them, for publishers and health
    // checks. These leave soon, and at once when the reserve is half used: then they are told to, and the watch ends those that
    // do nothing.
    //
    // An address that has all the connections it may have is told so in an answer, which takes a connection more: there are a
    // few of these for each address. A trusted proxy is no client: its connections are not counted by address, but each
    // stream is, for the client that it is for. Without X-Forwarded-For, that is who is at the proxy's own address. A stream that
    // takes as much memory as several is counted as several.

    private static final System.Logger LOG = System.getLogger(Connections.class.getName());
    private static final int RESERVE_PART = 20;
    private static final int LEAST_RESERVE = 8;
    /** So many streams an address may have, however many topics they have. */
    private static final int LEAST_STREAMS = 10;

    /** Whether a stream may open. */
    public enum Answer {
        /** It may, and is counted. */
        YES,
        /** There are as many streams as there may be. */
        CONNECTIONS,
        /** All streams together have so many topics that there is no memory for this one. */
        MEMORY,
        /** The client's address has as many connections as one may have. */
        CONNECTIONS_PER_ADDRESS
    }

    private final HubMetrics metrics;
    private final int most;
    private final int reserve;
    private final int mostPerStream;
    private final List<AddressRange> proxies;
    private final Capacity all;
    private final Capacity streams;
    private final StreamCost memory;
    private final LogThrottle telling = new LogThrottle();
    private final AddressCounts addresses;

    /**
     * @param possible how many connections files and memory allow
     * @param memory for all streams
     */
    public Connections(LimitSettings limits, int possible, StreamCost memory, HubMetrics metrics) {
        this.metrics = metrics;
        this.memory = memory;
        most = limits.maxConnections() == 0 ? possible : Math.min(limits.maxConnections(), possible);
        if (limits.maxConnections() > possible) {
            LOG.log(Level.WARNING, "sse-hub.limits.max-connections is " + limits.maxConnections() + ", but the files that the "
                    + "process may have open (ulimit -n) and its memory (-Xmx) allow " + possible + ": it is " + possible);
        }
        reserve = Math.min(Math.max(most / RESERVE_PART, LEAST_RESERVE), most / 2);
        proxies = limits.trustedProxies();
        all = new Capacity(most, "full: there are " + most + " connections; all others wait until one of them has left, "
                + "or is closed because it keeps a request waiting");
        streams = new Capacity(most - reserve, "full: there are " + (most - reserve) + " streams; more are refused, and the last "
                + reserve + " connections are for publishers and health checks");
        addresses = new AddressCounts(limits.maxConnectionsPerAddress());
        mostPerStream = Math.max(1, limits.maxConnectionsPerAddress() / LEAST_STREAMS);
    }

    /** How many there may be. */
    public int most() {
        return most;
    }

    /** How many there are. */
    public int count() {
        return all.count();
    }

    /** How many of them are streams. */
    public int streams() {
        return streams.count();
    }

    /** How many client addresses have any. */
    public int addresses() {
        return addresses.size();
    }

    /** How many connections must end so that half of the reserve is free. */
    public int lacking() {
        return Math.max(0, (reserve + 1) / 2 - all.left());
    }

    /** One more, or null if it must be closed at once: its address has far too many. */
    public @Nullable Place enter(InetAddress peer) {
        all.count(1);
        if (ClientAddress.isOneOf(proxies, peer)) {
            return new Place(peer, Kind.NONE);
        }
        Kind kind = addresses.add(new ClientAddress(peer));
        if (kind == Kind.NONE) {
            all.count(-1);
            reached(Limit.CONNECTIONS_PER_ADDRESS, peer, "it has far too many");
            return null;
        }
        return new Place(peer, kind);
    }

    /** A stream was refused. */
    private void reached(Answer answer, ClientAddress client) {
        if (answer == Answer.MEMORY && telling.isDue()) {
            LOG.log(Level.WARNING,
                    "full: " + streams.count() + " streams with their topics, and those that their tokens grant, fill "
                            + "half of the heap; more are refused. A larger one takes more (-Xmx)");
        }
        metrics.reached(answer == Answer.CONNECTIONS_PER_ADDRESS ? Limit.CONNECTIONS_PER_ADDRESS : Limit.CONNECTIONS);
        LOG.log(Level.DEBUG, () -> "no stream for " + client.address().getHostAddress() + ": " + answer);
    }

    /** A connection was closed. */
    private void reached(Limit limit, InetAddress peer, String why) {
        metrics.reached(limit);
        LOG.log(Level.DEBUG, () -> "closed a connection of " + peer.getHostAddress() + ": " + why);
    }

    /**
     * What a stream has.
     *
     * @param connections for how many its client's address has it counted, besides the one that it is
     */
    private record Share(ClientAddress client, int connections, long bytes) {}

    /** One connection's share of all this. For the connection's own thread, or who comes after it has ended. */
    public final class Place implements AutoCloseable {

        private final InetAddress peer;
        private Kind kind;
        private @Nullable Share stream;

        private Place(InetAddress peer, Kind kind) {
            this.peer = peer;
            this.kind = kind;
        }

        /** Who asks, by what a trusted proxy says in the lines of {@code X-Forwarded-For}. */
        public ClientAddress client(List<String> forwardedFor) {
            return ClientAddress.of(peer, forwardedFor, proxies);
        }

        /** Whether others need the connection more: it should end with the answer. */
        public boolean isScarce() {
            return kind == Kind.SURPLUS || lacking() > 0;
        }

        /** Whether the connection may become a stream of this client; if so, it is counted as one. */
        public Answer openStream(ClientAddress client, Subscription subscription) {
            closeStream();
            Answer answer = tryOpen(client, memory.of(subscription));
            if (answer != Answer.YES) {
                reached(answer, client);
            }
            return answer;
        }

        private Answer tryOpen(ClientAddress client, long needed) {
            if (kind == Kind.SURPLUS) {
                if (!addresses.promote(new ClientAddress(peer))) {
                    return Answer.CONNECTIONS_PER_ADDRESS;
                }
                kind = Kind.WITHIN;
            }
            if (!streams.add()) {
                return Answer.CONNECTIONS;
            }
            // a direct client's connection is one already
            int more = memory.streams(needed, mostPerStream) - (kind == Kind.NONE ? 0 : 1);
            if (!addresses.addWithin(client, more)) {
                streams.remove();
                return Answer.CONNECTIONS_PER_ADDRESS;
            }
            if (!memory.take(needed)) {
                addresses.removeWithin(client, more);
                streams.remove();
                return Answer.MEMORY;
            }
            stream = new Share(client, more, needed);
            return Answer.YES;
        }

        /** The connection has not become a stream after all, or is none any more. */
        public void closeStream() {
            Share share = stream;
            stream = null;
            if (share != null) {
                streams.remove();
                memory.giveBack(share.bytes);
                addresses.removeWithin(share.client, share.connections);
            }
        }

        /** Why the connection serves no more requests: what was a limit is counted. */
        public void tell(ConnectionEnd end) {
            switch (end) {
                case WELL -> {
                } // nothing to tell
                case LATE -> reached(Limit.REQUEST_TIME, peer, "it was waited for too long");
                case GAVE_WAY -> reached(Limit.CONNECTIONS, peer, "it was waited for longest, and others need it");
                case NO_ROOM -> reached(Limit.HEADER_SIZE, peer, "no memory for its request's headers");
            }
        }

        /** The connection has ended. */
        @Override
        public void close() {
            closeStream();
            if (kind != Kind.NONE) {
                addresses.remove(new ClientAddress(peer), kind);
            }
            all.count(-1);
        }
    }
}
