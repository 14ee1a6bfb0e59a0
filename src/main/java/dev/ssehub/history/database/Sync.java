package dev.ssehub.history.database;

/** What happens to an event in a file when the computer stops. When only the hub stops, the event is never lost. */
public enum Sync {
    /** The event is with the operating system, which writes it to the disk later. The newest events may be lost. */
    OS,
    /** The event is on the disk. */
    DISK
}
