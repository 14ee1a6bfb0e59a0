package dev.ssehub.operate;

import module java.base;
import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingInt;
import static java.util.Comparator.comparingLong;
import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.nullsLast;

import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import dev.ssehub.limit.AddressRange;
import dev.ssehub.metrics.DisconnectReason;

/** Which streams a list has, in which order, and which part of it is answered. For one thread. */
record StreamQuery(Predicate<Listed> filter, Comparator<Listed> order, int offset, int limit) {
    private static final int USUAL_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;
    private static final int MAX_OFFSET = 1_000_000;
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,7}");
    private static final List<String> STATES = List.of("live", "catching-up", "ending", "ended");

    /** The fields to sort by. Streams whose waiting events are in the history have more of them than a mailbox holds. */
    private static final Map<String, Comparator<Listed>> ORDERS = Map.ofEntries(
            Map.entry("age", comparingLong(Listed::ageMillis)),
            Map.entry("ended", comparing(Listed::time)),
            Map.entry("address", comparing(Listed::address, nullsLast(StreamQuery::compare))),
            Map.entry("subject", comparing(Listed::subject, nullsLast(naturalOrder()))),
            Map.entry("state", comparingInt(stream -> STATES.indexOf(stream.state()))),
            Map.entry("reason", comparing(stream -> stream.reason().orElse(""))),
            Map.entry("waitingEvents", comparing(Listed::waitsInHistory).thenComparingInt(it -> it.status().waitingEvents())),
            Map.entry("waitingBytes", comparing(Listed::waitsInHistory).thenComparingInt(it -> it.status().waitingBytes())),
            Map.entry("behind", comparingLong(Listed::behindMillis)),
            Map.entry("stalled", comparingLong(Listed::stalledMillis)),
            Map.entry("deliveredEvents", comparingLong(stream -> stream.status().place().events())),
            Map.entry("deliveredBytes", comparingLong(stream -> stream.status().place().bytes())));

    /** The fields that choose streams, and the fields of every list. */
    static final Set<String> FIELDS = Set.of("address", "subject", "key", "topic", "state", "reason", "stalled", "sort", "offset",
            "limit");

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
        Predicate<Listed> all = stream -> filters.stream().allMatch(filter -> filter.test(stream));
        return new StreamQuery(all, order(Objects.requireNonNullElse(query.single("sort"), usualOrder)),
                number(query, "offset", 0, 0, MAX_OFFSET), number(query, "limit", USUAL_LIMIT, 0, MAX_LIMIT));
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

    /** Returns the order of a field, descending if a hyphen precedes it. Streams that are equal in it have the order of their ids. */
    private static Comparator<Listed> order(String text) {
        boolean descending = text.startsWith("-");
        String field = oneOf("sort", descending ? text.substring(1) : text, new TreeSet<>(ORDERS.keySet()));
        Comparator<Listed> ascending = Objects.requireNonNull(ORDERS.get(field));
        return (descending ? ascending.reversed() : ascending).thenComparingLong(stream -> stream.status().opening().id());
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
        Page<Listed> page = new Page<>(order, offset, limit);
        streams.filter(filter).forEach(page::add);
        return page;
    }

    private static int compare(InetAddress one, InetAddress other) {
        return Arrays.compareUnsigned(one.getAddress(), other.getAddress());
    }
}
