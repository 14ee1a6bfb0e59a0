package dev.ssehub.history.file;

/** What has a committed event when the computer stops. When only the hub stops, it is never lost. */
enum Sync {
    /** It is with the operating system, which writes it to the disk later. The newest commits may be lost. */
    OS("NORMAL"),
    /** It is on the disk. */
    DISK("FULL");

    final String synchronous;

    Sync(String synchronous) {
        this.synchronous = synchronous;
    }
}
