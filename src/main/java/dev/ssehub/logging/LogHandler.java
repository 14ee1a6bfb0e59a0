package dev.ssehub.logging;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.logging.ErrorManager;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/**
 * Writes each log record as one line on standard error, in UTF-8, and leaves out repetitions that clients can cause. The
 * configuration of logging names this class. Thread-safe.
 */
public final class LogHandler extends Handler {
    // A request must not fill the disk. A stack trace has some fifty lines, and an attacker who finds one request that fails sends it
    // again and again. So there is never a stack trace, only the line of ThrownText, and LogRepeats writes it once a minute. This is
    // done here, and not where an exception is logged, because Helidon logs most of them.

    private final PrintStream out;
    private final LogRepeats repeats;
    private volatile LogFormat format = LogFormat.TEXT;

    public LogHandler() {
        this(System.err, System::nanoTime);
    }

    LogHandler(PrintStream out, LongSupplier nanoTime) {
        this.out = out;
        this.repeats = new LogRepeats(nanoTime);
    }

    /** Sets the format of the lines that follow. */
    void use(LogFormat next) {
        format = next;
    }

    @Override
    public void publish(LogRecord record) {
        if (!isLoggable(record)) {
            return;
        }
        try {
            repeats.admit(record).ifPresent(leftOut -> write(format.line(record, leftOut)));
        } catch (RuntimeException e) { // a message or an exception whose text cannot be made must not end the thread that logs it
            reportError("a log record could not be written", e, ErrorManager.FORMAT_FAILURE);
        }
    }

    private void write(String line) {
        byte[] bytes = (line + System.lineSeparator()).getBytes(UTF_8);
        out.write(bytes, 0, bytes.length);
        out.flush();
    }

    @Override
    public void flush() {
        out.flush();
    }

    /** Does nothing: standard error stays open until the process ends. */
    @Override
    public void close() {}
}
