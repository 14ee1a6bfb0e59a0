package dev.ssehub.connection;

import dev.ssehub.limit.HeaderBudget;
import dev.ssehub.limit.LimitSettings;
import io.helidon.webserver.CloseConnectionException;
import java.util.function.BooleanSupplier;

/** Follows a connection's requests and bounds the time of each step and the memory of the headers. For one thread. */
final class RequestPhase {

    // Helidon reads the first line and the headers, has the request answered, reads the rest of its body, and begins again. The
    // connection's reader reports the first byte, and Helidon's listener reports the first line and the headers. When Helidon
    // reads and looks for a first line, the previous request is over.
    //
    // The memory of the headers is given back when the answer is over, because Helidon keeps the headers until then.

    /** The memory that a read takes besides its bytes. */
    private static final int READ_COST = 64;
    /** The memory that a parsed header takes besides its bytes: strings, a name, a value, a map entry. */
    private static final int LINE_COST = 400;

    private enum Step {
        FIRST_BYTE, HEADERS, ANSWER, NEXT_FIRST_BYTE
    }

    private final LimitSettings limits;
    private final HeaderBudget memory;
    private final Deadline deadline;
    private final BooleanSupplier beforeHeaders;
    private Step step = Step.FIRST_BYTE;
    private int held;
    private boolean refused;

    /**
     * Begins with the first request, which must come soon.
     *
     * @param deadline the deadline of the calling thread
     * @param beforeHeaders returns whether Helidon looks for the first line of a request
     */
    RequestPhase(LimitSettings limits, HeaderBudget memory, Deadline deadline, BooleanSupplier beforeHeaders) {
        this.limits = limits;
        this.memory = memory;
        this.deadline = deadline;
        this.beforeHeaders = beforeHeaders;
        deadline.set(limits.requestTimeout());
    }

    /** Called before each read. */
    void reads() {
        if (step == Step.ANSWER && beforeHeaders.getAsBoolean()) {
            next(Step.NEXT_FIRST_BYTE);
            deadline.set(limits.idleTimeout());
        }
    }

    /**
     * Called after each read.
     *
     * @throws CloseConnectionException if there is no memory for the headers
     */
    void hasRead(byte[] bytes) {
        if (step == Step.ANSWER) {
            return; // the body, which has its own limits
        }
        if (step != Step.HEADERS) {
            next(Step.HEADERS);
        }
        int cost = READ_COST + bytes.length + LINE_COST * lines(bytes);
        if (!memory.take(held, cost)) {
            refused = true;
            throw new CloseConnectionException(
                    "too many requests are in progress: there is no memory for the headers of this one");
        }
        held += cost;
    }

    private static int lines(byte[] bytes) {
        int lines = 0;
        for (byte b : bytes) {
            if (b == '\n') {
                lines++;
            }
        }
        return lines;
    }

    /** Called when the first line is complete. */
    void hasFirstLine() {
        if (step == Step.ANSWER) {
            next(Step.HEADERS); // the request came in one read with the previous one
        }
    }

    /** Called when the headers are complete. */
    void hasHeaders() {
        step = Step.ANSWER;
        deadline.set(limits.requestTimeout());
    }

    private void next(Step next) {
        if (step == Step.ANSWER) {
            release();
        }
        step = next;
        deadline.set(limits.requestTimeout());
    }

    private void release() {
        memory.giveBack(held);
        held = 0;
    }

    /** Ends the last request; returns why. A client that has had its answer is not late if it sends no other request. */
    Deadline.End end() {
        release();
        Deadline.End end = refused ? Deadline.End.NO_HEADER_MEMORY : deadline.end();
        return end == Deadline.End.LATE && step == Step.NEXT_FIRST_BYTE ? Deadline.End.DONE : end;
    }
}
