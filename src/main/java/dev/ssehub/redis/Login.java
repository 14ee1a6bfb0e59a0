package dev.ssehub.redis;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.keys.KeyFile;
import redis.clients.jedis.DefaultRedisCredentials;
import redis.clients.jedis.RedisCredentials;

/**
 * The user and the password, for each new connection. The file is read each time, so that a password can change without a restart.
 *
 * @param setting the configuration key that names the file
 */
record Login(Optional<String> user, Optional<String> password, Optional<Path> file, String setting)
        implements
            Supplier<RedisCredentials> {
    static Login toRedis(RedisSettings settings) {
        return new Login(settings.uri().user(), settings.uri().password(), settings.passwordFile(), RedisSettings.PASSWORD_FILE);
    }

    static Login toSentinels(RedisSettings settings) {
        return new Login(Optional.empty(), Optional.empty(), settings.sentinelPasswordFile(),
                RedisSettings.SENTINEL_PASSWORD_FILE);
    }

    /** @throws UnreachableException if the file cannot be used */
    @Override
    @SuppressWarnings("NullAway") // without a password, nothing is sent
    public RedisCredentials get() {
        try {
            return new DefaultRedisCredentials(user.orElse(null), file.isPresent() ? read(file.get()) : password.orElse(null));
        } catch (IOException e) {
            throw new UnreachableException(e.getMessage(), e);
        }
    }

    /**
     * Reads the password. One line break at the end of the file is not part of it.
     *
     * @throws IOException if the file has no password; the message is one sentence that begins with the setting
     */
    private String read(Path path) throws IOException {
        String text;
        try {
            text = new String(KeyFile.read(path), UTF_8).replaceFirst("\r?\n?\\z", "");
        } catch (IOException e) {
            throw new IOException(setting + ": " + e.getMessage(), e);
        }
        if (text.isEmpty()) {
            throw new IOException(setting + ": the file " + path + " is empty; it must hold the password");
        }
        return text;
    }

    /** Returns the names only. */
    @Override
    public String toString() {
        return "Login[" + setting + "]";
    }
}
