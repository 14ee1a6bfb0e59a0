package dev.ssehub.tracing;

import module java.base;

/**
 * What a request belongs to: the trace, and the span of its sender (W3C Trace Context, header {@code traceparent}).
 *
 * @param traceId 32 hexadecimal digits in lower case, not all 0
 * @param spanId 16 hexadecimal digits in lower case, not all 0
 * @param sampled whether the sender records the trace
 */
public record TraceContext(String traceId, String spanId, boolean sampled) {
    /** The context of the request that the calling thread answers. Not bound if the request has none. */
    public static final ScopedValue<TraceContext> CURRENT = ScopedValue.newInstance();

    /** Version 00 ends with the flags, and a later version may continue. There is no version ff. */
    private static final Pattern TRACEPARENT = Pattern
            .compile("(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");
    private static final int MAX_LENGTH = 512;

    /** Returns the context of the request that the calling thread answers. */
    public static Optional<TraceContext> current() {
        return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
    }

    /** Reads the header's value. Returns nothing if it is not valid: then the request has no context. */
    public static Optional<TraceContext> parse(String traceparent) {
        Matcher matcher = TRACEPARENT.matcher(traceparent);
        if (traceparent.length() > MAX_LENGTH || !matcher.matches()
                || (matcher.group(1).equals("00") && matcher.group(5) != null)) {
            return Optional.empty();
        }
        boolean sampled = (Integer.parseInt(matcher.group(4), 16) & 1) != 0;
        return Optional.of(new TraceContext(matcher.group(2), matcher.group(3), sampled));
    }
}
