package dev.ssehub;

import module java.base;
import java.lang.System.Logger.Level;
import java.lang.reflect.Proxy;

/** What the process does when it gets a signal. */
final class Signals {
    // The JVM's own handler of SIGTERM and SIGINT begins to exit, and ignores all that follow. The class that replaces it,
    // sun.misc.Signal (JEP 260), is called by reflection, because the compiler warns of each mention of it. The JVM runs each
    // handler in a thread of its own.

    private static final System.Logger LOG = System.getLogger(Signals.class.getName());
    private static final List<String> STOP = List.of("TERM", "INT");
    /** A process that a signal ends has this code and the number of the signal as its exit code. */
    private static final int SIGNALLED = 128;

    private final IntConsumer exit;
    private final IntConsumer halt;
    private final AtomicBoolean stops = new AtomicBoolean();

    /**
     * @param exit stops the hub and ends the process with this exit code; may block
     * @param halt ends the process with this exit code at once
     */
    Signals(IntConsumer exit, IntConsumer halt) {
        this.exit = exit;
        this.halt = halt;
    }

    /** Lets the first SIGTERM or SIGINT stop the hub, and the second end the process at once. */
    static void install() {
        Signals signals = new Signals(System::exit, code -> {
            System.err.println("sse-hub: a second signal: the process ends at once");
            Runtime.getRuntime().halt(code);
        });
        STOP.forEach(name -> handle(name, signals::stop));
    }

    void stop(int signal) {
        (stops.getAndSet(true) ? halt : exit).accept(SIGNALLED + signal);
    }

    /**
     * Calls an action with the number of the signal whenever the process gets it. A signal that the process ignores since its start
     * stays ignored, as for a background job of a shell. Where signals cannot be handled, they have their usual effect.
     *
     * @param name the name of the signal without SIG
     */
    static void handle(String name, IntConsumer action) {
        try {
            Class<?> type = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Method number = type.getMethod("getNumber");
            Object handler = Proxy.newProxyInstance(handlerType.getClassLoader(), new Class<?>[]{handlerType},
                    (_, _, arguments) -> {
                        action.accept((int) number.invoke(arguments[0]));
                        return null;
                    });
            type.getMethod("handle", type, handlerType).invoke(null, type.getConstructor(String.class).newInstance(name),
                    handler);
        } catch (ReflectiveOperationException e) { // for example, the JVM has the option -Xrs
            LOG.log(Level.DEBUG, "SIG" + name + " has its usual effect", e);
        }
    }
}
