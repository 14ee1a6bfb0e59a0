package dev.ssehub;

import module java.base;
import java.lang.System.Logger.Level;
import java.lang.reflect.Proxy;

/** What the process does when it gets a signal. */
final class Signals {
    // The class sun.misc.Signal (JEP 260) is called by reflection, because the compiler warns of each mention of it. The JVM runs
    // each handler in a thread of its own.

    private static final System.Logger LOG = System.getLogger(Signals.class.getName());

    private Signals() {}

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
