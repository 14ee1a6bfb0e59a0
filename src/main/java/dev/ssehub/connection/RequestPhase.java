package dev.ssehub.connection;

import module java.base;
import dev.ssehub.limit.Budget;
import dev.ssehub.limit.LimitSettings;
import io.helidon.webserver.CloseConnectionException;

/** Follows the requests of a connection, and limits the time of each step and the memory of the headers. For one thread. */
final class RequestPhase {
    // For each request, Helidon reads the first line and the headers, calls the handler, and reads the rest of the body. The
    // connection's reader reports each read, and Helidon's listener reports the headers. When Helidon reads while it awaits a
    // first line, the previous request is complete. Until then, Helidon keeps the headers in memory.

    /** The memory of a read besides its bytes, in bytes. */
    private static final int READ_COST = 64;
    /** The memory of a parsed header besides its bytes, in bytes: strings, a name, a value, a map entry. */
    private static final int LINE_COST = 400;
    /** The time in which a client reads the last answer and closes the connection. */
    private static final Duration CLOSING_TIME = Duration.ofSeconds(2);

    private enum Step {
        FIRST_BYTE, HEADERS, ANSWER, NEXT_FIRST_BYTE, CLOSING
    }

    private final Supplier<LimitSettings> limits;
    private final Budget memory;
    private final Deadline deadline;
    private final BooleanSupplier awaitsFirstLine;
    private Step step = Step.FIRST_BYTE;
    private int held;
    private boolean refused;

    /** Sets the deadline for the first request. The memory, in bytes, is for the headers of all requests in progress. */
    RequestPhase(Supplier<LimitSettings> limits, Budget memory, Deadline deadline, BooleanSupplier awaitsFirstLine) {
        this.limits = limits;
        this.memory = memory;
        this.deadline = deadline;
        this.awaitsFirstLine = awaitsFirstLine;
        deadline.set(limits.get().requestTimeout());
    }

    private void begin(Step next, Duration limit) {
        if (step == Step.ANSWER) {
            release();
        }
        step = next;
        deadline.set(limit);
    }

    private void release() {
        memory.giveBack(held);
        held = 0;
    }

    void beforeRead() {
        if (step == Step.ANSWER && awaitsFirstLine.getAsBoolean()) {
            begin(Step.NEXT_FIRST_BYTE, limits.get().idleTimeout());
        }
    }

    /** Takes memory for the bytes of the headers. If there is too little, throws a CloseConnectionException. */
    void afterRead(byte[] bytes) {
        if (step == Step.ANSWER || step == Step.CLOSING) {
            return; // the bytes belong to the body, which has its own limits
        }
        if (step != Step.HEADERS) {
            begin(Step.HEADERS, limits.get().requestTimeout());
        }
        int cost = READ_COST + bytes.length;
        for (byte b : bytes) {
            cost += b == '\n' ? LINE_COST : 0;
        }
        if (!memory.takeFairly(cost, held)) {
            refused = true;
            throw new CloseConnectionException(
                    "too many requests are in progress: there is no memory for the headers of this one");
        }
        held += cost;
    }

    void headersComplete() {
        begin(Step.ANSWER, limits.get().requestTimeout());
    }

    /** Gives the present step this time from now on. */
    void extend(Duration limit) {
        deadline.set(limit);
    }

    /** Begins the wait until the client closes the connection. */
    void lastAnswerSent() {
        begin(Step.CLOSING, CLOSING_TIME);
    }

    /** Ends the last request. Returns why the connection ends. A client that has its last answer is not late. */
    Deadline.End end() {
        release();
        Deadline.End end = refused ? Deadline.End.NO_HEADER_MEMORY : deadline.end();
        return end == Deadline.End.LATE && (step == Step.NEXT_FIRST_BYTE || step == Step.CLOSING) ? Deadline.End.DONE : end;
    }
}
