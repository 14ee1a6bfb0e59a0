package dev.ssehub.stream;

import dev.ssehub.hub.Hub;

/** What the streams of one hub share: the hub, the threads that write to them, and the log of their ends. Thread-safe. */
public final class Outlet {
    private final Hub hub;
    private final Drainers drainers = new Drainers();
    private final StreamLog ends = new StreamLog(System::nanoTime);

    public Outlet(Hub hub) {
        this.hub = hub;
    }

    Hub hub() {
        return hub;
    }

    Drainers drainers() {
        return drainers;
    }

    StreamLog ends() {
        return ends;
    }
}
