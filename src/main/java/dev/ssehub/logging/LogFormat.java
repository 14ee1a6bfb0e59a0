package dev.ssehub.logging;

import java.util.logging.LogRecord;

/** How a log record becomes a line. */
public enum LogFormat {
    /** Text for people. */
    TEXT {
        @Override
        String line(LogRecord record, long leftOut) {
            return TextLine.of(record, leftOut);
        }
    },
    /** One JSON object for programs. */
    JSON {
        @Override
        String line(LogRecord record, long leftOut) {
            return JsonLine.of(record, leftOut);
        }
    };

    /** @param leftOut how many records of the same kind were not written since the last one */
    abstract String line(LogRecord record, long leftOut);
}
