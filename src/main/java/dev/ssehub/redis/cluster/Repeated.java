package dev.ssehub.redis.cluster;

import module java.base;
import dev.ssehub.redis.Redis;
import java.lang.System.Logger.Level;
import redis.clients.jedis.exceptions.JedisException;

/** A task with Redis that is run again and again. Tells the operator once when it begins to fail, and when it works again. */
final class Repeated implements Runnable {
    private static final System.Logger LOG = System.getLogger(Repeated.class.getName());

    private final String name;
    private final Runnable task;
    /** For the thread that runs the task. */
    private boolean failing;

    /** @param name what the operator reads */
    Repeated(String name, Runnable task) {
        this.name = name;
        this.task = task;
    }

    /** Returns whether the last run has failed. Called by the thread that runs the task. */
    boolean isFailing() {
        return failing;
    }

    /** Runs the task. Called by one thread. */
    @Override
    public void run() {
        try {
            task.run();
            if (failing) {
                LOG.log(Level.INFO, name + " works again with Redis");
            }
            failing = false;
        } catch (JedisException e) {
            if (!failing) {
                LOG.log(Level.WARNING, name + " has an error with Redis and will try again: " + Redis.reason(e));
            }
            failing = true;
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, name + " failed and will try again", e);
            failing = true;
        }
    }
}
