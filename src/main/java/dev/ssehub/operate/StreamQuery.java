package dev.ssehub.operate;

import module java.base;
import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.reverseOrder;

import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import dev.ssehub.limit.AddressRange;
import dev.ssehub.metrics.DisconnectReason;
import org.jspecify.annotations.Nullable;

/**
 * Which streams a list has, in which order, and which part of it is answered. For one thread.
 *
 * @param rank what the streams are sorted by
 * @param ranks the order of the ranks
 */
record StreamQuery(Predicate<Listed> filter, Function<Listed, String> rank, Comparator<String> ranks, int offset, int limit) {
    private static final int USUAL_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;
    private static final int MAX_OFFSET = 1_000_000;
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,7}");
    private static final List<String> STATES = List.of("live", "catching-up", "ending", "ended");
    /** Comes after the ranks of all numbers. */
    private static final String LAST = "~";

    /**
     * The fields to sort by, and the ranks of a stream: texts with the order of what they stand for, so that nodes can compare their
     * streams. Streams whose waiting events are in the history have more of them than a mailbox holds.
     */
    private static final Map<String, Function<Listed, String>> RANKS = Map.ofEntries(
            Map.entry("age", stream -> rank(stream.ageMillis())),
            Map.entry("ended", stream -> rank(Instant.EPOCH.until(stream.time(), ChronoUnit.MICROS))),
            Map.entry("address", stream -> rank(hex(stream.address()))),
            Map.entry("subject", stream -> rank(stream.subject())),
            Map.entry("state", stream -> rank(STATES.indexOf(stream.state()))),
            Map.entry("reason", stream -> stream.reason().orElse("")),
            Map.entry("waitingEvents", stream -> stream.waitsInHistory() ? LAST : rank(stream.status().waitingEvents())),
            Map.entry("waitingBytes", stream -> stream.waitsInHistory() ? LAST : rank(stream.status().waitingBytes())),
            Map.entry("behind", stream -> rank(stream.behindMillis())),
            Map.entry("stalled", stream -> rank(stream.stalledMillis())),
            Map.entry("deliveredEvents", stream -> rank(stream.status().place().events())),
            Map.entry("deliveredBytes", stream -> rank(stream.status().place().bytes())));

    /** The fields that choose streams, and the fields of every list. */
    static final Set<String> FIELDS = Set.of("address", "subject", "key", "topic", "state", "reason", "stalled", "node", "sort",
            "offset", "limit");

    /**
     * Reads a query.
     *
     * @param usualOrder the order if the query has none
     * @throws IllegalArgumentException if a field is not known or its value is not allowed; the message says what is
     */
    static StreamQuery parse(Form query, String usualOrder) {
        List<Predicate<Listed>> filters = new ArrayList<>();
        filter(query, "address", text -> {
            AddressRange range = range(text);
            return stream -> stream.address() != null && range.contains(stream.address());
        }).ifPresent(filters::add);
        filter(query, "subject", text -> stream -> text.equals(stream.subject())).ifPresent(filters::add);
        filter(query, "key", text -> stream -> stream.hasKey(text)).ifPresent(filters::add);
        filter(query, "topic", text -> stream -> stream.status().selectors().matchesAny(List.of(text))).ifPresent(filters::add);
        filter(query, "state", text -> {
            String state = oneOf("state", text, STATES);
            return stream -> stream.state().equals(state);
        }).ifPresent(filters::add);
        filter(query, "reason", text -> {
            String reason = oneOf("reason", text, Stream.of(DisconnectReason.values()).map(DisconnectReason::label).toList());
            return stream -> stream.reason().equals(Optional.of(reason));
        }).ifPresent(filters::add);
        if (query.flag("stalled", false)) {
            filters.add(stream -> stream.stalledMillis() != Listed.NONE);
        }
        String sort = Objects.requireNonNullElse(query.single("sort"), usualOrder);
        boolean descending = sort.startsWith("-");
        String field = oneOf("sort", descending ? sort.substring(1) : sort, new TreeSet<>(RANKS.keySet()));
        return new StreamQuery(stream -> filters.stream().allMatch(filter -> filter.test(stream)),
                Objects.requireNonNull(RANKS.get(field)), descending ? reverseOrder() : naturalOrder(),
                number(query, "offset", 0, 0, MAX_OFFSET), number(query, "limit", USUAL_LIMIT, 0, MAX_LIMIT));
    }

    /** Returns the query of a question, with the part of the list that the question asks for. */
    static StreamQuery of(Question question, String usualOrder) {
        StreamQuery query = parse(question.form(), usualOrder);
        return new StreamQuery(query.filter, query.rank, query.ranks, Math.clamp(question.offset(), 0, MAX_OFFSET),
                Math.clamp(question.limit(), 0, MAX_LIMIT));
    }

    /**
     * Returns the query for each of several nodes: all streams that can be in the part when the lists are merged.
     *
     * @throws IllegalArgumentException if the part ends too far from the beginning
     */
    StreamQuery fromBeginning() {
        if (offset + limit > MAX_LIMIT) {
            throw new IllegalArgumentException("over several nodes, offset and limit may be " + MAX_LIMIT + " together, not "
                    + (offset + limit) + "; choose fewer streams, or one node with node=NAME");
        }
        return new StreamQuery(filter, rank, ranks, 0, offset + limit);
    }

    /** Returns the order of the streams. Those that are equal in it have the order of their ids. */
    Comparator<Listed> order() {
        return comparing(rank, ranks).thenComparing(Listed::id);
    }

    private static String rank(long number) {
        return HexFormat.of().toHexDigits(number ^ Long.MIN_VALUE); // so that negative numbers come first
    }

    /** Streams without this text come last. */
    private static String rank(@Nullable String text) {
        return text == null ? LAST : "!" + text;
    }

    private static @Nullable String hex(@Nullable InetAddress address) {
        return address == null ? null : HexFormat.of().formatHex(address.getAddress());
    }

    private static Optional<Predicate<Listed>> filter(Form query, String name, Function<String, Predicate<Listed>> filter) {
        return Optional.ofNullable(query.single(name)).map(filter);
    }

    private static AddressRange range(String text) {
        try {
            return AddressRange.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the field address must be an address such as 10.0.0.7 or a range such as "
                    + "10.0.0.0/8, not '" + Refusal.printable(text) + "'", e);
        }
    }

    static String oneOf(String field, String text, Collection<String> allowed) {
        if (!allowed.contains(text)) {
            throw new IllegalArgumentException("the field " + field + " must be one of " + String.join(", ", allowed) + ", not '"
                    + Refusal.printable(text) + "'");
        }
        return text;
    }

    private static int number(Form query, String field, int usual, int least, int most) {
        String text = query.single(field);
        int number = text == null ? usual : NUMBER.matcher(text).matches() ? Integer.parseInt(text) : -1;
        if (number < least || number > most) {
            throw new IllegalArgumentException(
                    "the field " + field + " must be a number from " + least + " to " + most + ", not '"
                            + Refusal.printable(String.valueOf(text)) + "'");
        }
        return number;
    }

    /** Returns the streams that the filter lets through. */
    Page<Listed> page(Stream<Listed> streams) {
        Page<Listed> page = new Page<>(order(), offset, limit);
        streams.filter(filter).forEach(page::add);
        return page;
    }
}
