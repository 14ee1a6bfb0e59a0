package dev.ssehub.redis.cluster;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.redis.Redis;
import dev.ssehub.redis.Script;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.SafeEncoder;

/** A script beside this class whose arguments and results are text. */
final class TextScript {
    private final Script script;

    /** @param name the name of the file */
    TextScript(String name) {
        this.script = Script.beside(TextScript.class, name);
    }

    /**
     * Runs the script. Blocks until Redis answers, but not longer than the timeout.
     *
     * @return a number, a text, or a list of such results
     * @throws JedisException if Redis does not answer, although it may have run the script
     */
    Object run(Redis redis, List<String> keys, List<String> arguments) {
        return SafeEncoder.encodeObject(redis.run(script, keys, arguments.stream().map(text -> text.getBytes(UTF_8)).toList()));
    }
}
