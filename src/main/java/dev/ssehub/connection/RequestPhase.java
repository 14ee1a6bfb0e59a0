package dev.ssehub.connection;

import java.util.function.BooleanSupplier;

import dev.ssehub.limit.HeaderBudget;
import dev.ssehub.limit.LimitSettings;

import io.helidon.webserver.CloseConnectionException;

/** A connection from one request to the next: how long each step may take, and what the request takes of the memory. */
final class RequestPhase {

    // Helidon reads the first line and the headers, then has the request answered, reads what is left of its body, and begins
    // again. It tells where it is: the first byte comes by way of the reader, the listener hears of the headers, and whoever
    // reads while Helidon looks for a first line is done with the request before.
    //
    // What the headers take is given back when the answer is over, not when they are there: they stay until then.

    /** What a read costs beside its bytes, and a line of the headers once it is read: two strings, names and values, an entry. */
    private static final int READ_COST = 64;
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
    private boolean roomless;

    /**
     * Begins with the first request.
     *
     * @param memory what the headers of all requests together may take
     * @param deadline of the connection's thread, which is the one that calls
     * @param beforeHeaders whether Helidon looks for the first line of a request
     */
    RequestPhase(LimitSettings limits, HeaderBudget memory, Deadline deadline, BooleanSupplier beforeHeaders) {
        this.limits = limits;
        this.memory = memory;
        this.beforeHeaders = beforeHeaders;
        this.deadline = deadline;
        deadline.set(limits.requestTimeout()); // who has just connected has something to say
    }

    /** Called before something is read. */
    void reads() {
        if (step == Step.ANSWER && beforeHeaders.getAsBoolean()) {
            next(Step.NEXT_FIRST_BYTE);
            deadline.set(limits.idleTimeout());
        }
    }

    /**
     * Called when something was read.
     *
     * @throws CloseConnectionException if there is no room for it
     */
    void hasRead(byte[] bytes) {
        if (step == Step.ANSWER) {
            return; // the body: who reads it bounds it
        }
        if (step != Step.HEADERS) {
            next(Step.HEADERS);
        }
        int cost = READ_COST + bytes.length + LINE_COST * lines(bytes);
        if (!memory.take(held, cost)) {
            roomless = true;
            throw new CloseConnectionException("too many requests are under way, there is no room for the headers of this one");
        }
        held += cost;
    }

    /**
     * Called when there is nothing more to read. Helidon 4.5.0 would take it for its own failure if that is amid the headers.
     *
     * @throws CloseConnectionException if the headers are not complete
     */
    void hasEnded() {
        if (step != Step.ANSWER) {
            throw new CloseConnectionException("the client left in the middle of its request");
        }
    }

    /** Called when the first line is there. */
    void hasFirstLine() {
        if (step == Step.ANSWER) {
            next(Step.HEADERS); // it came together with the request before
        }
    }

    /** Called when the headers are there. */
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

    /** Nothing is awaited any more. Whoever has had its answers may leave it at that. */
    ConnectionEnd end() {
        release();
        ConnectionEnd end = roomless ? ConnectionEnd.NO_ROOM : deadline.how();
        return end == ConnectionEnd.LATE && step == Step.NEXT_FIRST_BYTE ? ConnectionEnd.WELL : end;
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
}
