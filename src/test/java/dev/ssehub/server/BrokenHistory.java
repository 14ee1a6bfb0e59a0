package dev.ssehub.server;

import module java.base;
import dev.ssehub.history.Addition;
import dev.ssehub.history.History;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.history.Limits;
import dev.ssehub.history.memory.MemoryHistory;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.transport.LocalTransport;
import java.lang.reflect.Proxy;

/** A history in memory, some of whose operations are not available, like a history in a file when the disk is full. */
final class BrokenHistory {
    static final String WHY = "the history cannot be written: no space left on device";

    static final Set<String> ALL = Set.of("append", "forget", "find", "beforeLast");

    /** The names of the methods that fail. */
    volatile Set<String> broken = Set.of();
    private final Limits limits = new Limits(100, Duration.ofHours(1), 1 << 20);
    private final History memory = new MemoryHistory(limits, System::nanoTime);

    Hub hub() {
        Duration never = Duration.ofMinutes(10);
        History history = (History) Proxy.newProxyInstance(History.class.getClassLoader(), new Class<?>[]{History.class},
                (_, method, arguments) -> call(method, arguments));
        return new Hub(new HubSettings(never, never, new Mailbox.Limits(100, 1 << 20), limits), history,
                new LocalTransport(InstantSource.system()), new NoMetrics(), InstantSource.system());
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
        if (broken.contains(method.getName()) && method.getName().equals("append")) {
            for (Object addition : (List<?>) arguments[0]) {
                ((Addition) addition).fail(new HistoryUnavailableException(WHY));
            }
            return null;
        }
        if (broken.contains(method.getName())) {
            throw new HistoryUnavailableException(WHY);
        }
        try {
            return method.invoke(memory, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
