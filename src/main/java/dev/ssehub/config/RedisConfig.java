package dev.ssehub.config;

import module java.base;
import static dev.ssehub.config.Conversions.require;

import dev.ssehub.cluster.Scope;
import dev.ssehub.history.Limits;
import dev.ssehub.redis.RedisSettings;
import dev.ssehub.redis.RedisUri;

/** Reads the keys of the connection to Redis. */
final class RedisConfig {
    private static final String SECTION = "sse-hub.transport.redis.";
    private static final String URI = RedisSettings.URI;
    private static final String PASSWORD_FILE = RedisSettings.PASSWORD_FILE;
    private static final String SENTINEL_PASSWORD_FILE = RedisSettings.SENTINEL_PASSWORD_FILE;
    private static final String TRUST = RedisSettings.TRUST;
    private static final String CERTIFICATE = RedisSettings.CERTIFICATE;
    private static final String PRIVATE_KEY = RedisSettings.PRIVATE_KEY;
    private static final String MASTER = SECTION + "sentinel-master";
    private static final String CLUSTER = SECTION + "cluster";
    private static final String PREFIX = SECTION + "prefix";
    private static final String MAX_EVENTS = SECTION + "max-events";
    private static final String MAX_AGE = SECTION + "max-age";
    private static final String MAX_BYTES = SECTION + "max-bytes";
    private static final List<String> SCOPES = List.of("sse-hub.publish.rate-scope", "sse-hub.feeds.time.scope",
            "sse-hub.feeds.system.scope", "sse-hub.feeds.log.scope");
    private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
    private static final int REDIS_PORT = 6379;
    private static final int SENTINEL_PORT = 26_379;

    private RedisConfig() {}

    /** Returns how to reach Redis; empty if this hub is the only one. */
    static Optional<RedisSettings> settings(ConfigReader config) {
        boolean cluster = config.bool(CLUSTER);
        Optional<String> master = config.optionalText(MASTER);
        Optional<Path> passwordFile = config.optionalFile(PASSWORD_FILE);
        Optional<Path> sentinelPasswordFile = config.optionalFile(SENTINEL_PASSWORD_FILE);
        Optional<Path> trust = config.optionalFile(TRUST);
        Optional<Path> certificate = config.optionalFile(CERTIFICATE);
        Optional<Path> privateKey = config.optionalFile(PRIVATE_KEY);
        String prefix = config.convert(PREFIX, "1 to 64 letters, digits, and the characters . _ : -",
                text -> require(HARMLESS.matcher(text).matches(), text));
        Duration timeout = config.duration(SECTION + "timeout", "100ms", "1m");
        RedisSettings.Bounds stream = new RedisSettings.Bounds(config.integer(MAX_EVENTS, 1, HistoryConfig.MOST_EVENTS),
                config.duration(MAX_AGE, "1s", HistoryConfig.LONGEST), config.size(MAX_BYTES, 1024L, HistoryConfig.MOST_BYTES));
        if (!config.isSet(URI)) {
            return Optional.empty();
        }
        RedisUri uri = config.convert(URI,
                "an address such as redis://host:6379, or rediss://user:password@host:6379/0 with TLS (in the password, %25 stands "
                        + "for %); with commas, the addresses of Sentinels or of a Redis Cluster, such as redis://a:26379,b:26379",
                text -> RedisUri.parse(text, master.isPresent() ? SENTINEL_PORT : REDIS_PORT));
        RedisSettings settings = new RedisSettings(uri, passwordFile, master, sentinelPasswordFile, cluster, trust, certificate,
                privateKey, prefix, timeout, stream);
        requireHarmony(config, settings);
        return Optional.of(settings);
    }

    private static void requireHarmony(ConfigReader config, RedisSettings settings) {
        RedisUri uri = settings.uri();
        Optional<String> master = settings.sentinelMaster();
        if (master.isPresent() && settings.cluster()) {
            throw config.mistake(MASTER, " is '" + master.get() + "', but " + CLUSTER
                    + " is true; a Redis Cluster has no Sentinels, so only one of the two is allowed");
        }
        if (uri.addresses().size() > 1 && master.isEmpty() && !settings.cluster()) {
            throw config.mistake(URI, " has " + uri.addresses().size() + " addresses; that is allowed only with " + MASTER
                    + " for Sentinels, or with " + CLUSTER + ": true for a Redis Cluster");
        }
        if (settings.cluster() && uri.database() != 0) {
            throw config.mistake(URI, " names database " + uri.database() + ", but a Redis Cluster has only database 0");
        }
        if (settings.passwordFile().isPresent() && uri.password().isPresent()) {
            throw config.mistake(PASSWORD_FILE, " is set, but " + URI + " has a password, too; only one of them is allowed");
        }
        if (settings.passwordFile().isEmpty() && uri.password().isEmpty() && uri.user().isPresent()) {
            throw config.mistake(URI, " names the user '" + uri.user().get() + "', but there is no password; it must be in "
                    + PASSWORD_FILE + ", or after the user and a colon");
        }
        if (settings.sentinelPasswordFile().isPresent() && master.isEmpty()) {
            throw config.mistake(SENTINEL_PASSWORD_FILE,
                    " is set, but " + MASTER + " is empty; there are no Sentinels without it");
        }
        List<String> ofTls = Stream.of(TRUST, CERTIFICATE, PRIVATE_KEY).filter(config::isSet).toList();
        if (!ofTls.isEmpty() && !uri.tls()) {
            throw config.mistake(ofTls.getFirst(), " is set, but " + URI
                    + " begins with redis://; certificates are used only with rediss://");
        }
        if (settings.certificate().isPresent() != settings.privateKey().isPresent()) {
            String missing = settings.privateKey().isPresent() ? CERTIFICATE : PRIVATE_KEY;
            throw config.mistake(ofTls.getLast(), " is set, but " + missing + " is not; both are needed, or neither");
        }
    }

    /** Returns a sentence about each setting that is allowed but probably not intended. */
    static List<String> warnings(ConfigReader config, Limits history) {
        Optional<RedisSettings> redis = settings(config);
        if (redis.isEmpty()) {
            return Stream.concat(
                    Stream.of(PASSWORD_FILE, MASTER, SENTINEL_PASSWORD_FILE, TRUST, CERTIFICATE, PRIVATE_KEY)
                            .filter(config::isSet),
                    SCOPES.stream().filter(key -> config.constant(key, Scope.class) == Scope.CLUSTER))
                    .map(key -> key + " has no effect: " + URI + " is empty").toList();
        }
        List<String> warnings = new ArrayList<>();
        RedisUri uri = redis.get().uri();
        boolean hasPassword = uri.password().isPresent() || redis.get().passwordFile().isPresent();
        List<String> distant = uri.addresses().stream().map(RedisUri.Address::host)
                .filter(Predicate.not(Conversions::isLocal)).toList();
        if (!uri.tls() && hasPassword && !distant.isEmpty()) {
            warnings.add(
                    URI + " begins with redis://: the password and all events pass unencrypted to " + String.join(", ", distant)
                            + "; use rediss:// if others can read that network");
        }
        if (!config.isSet(HistoryConfig.FILE)) {
            RedisSettings.Bounds stream = redis.get().stream();
            warnIf(stream.maxEvents() < history.maxEvents(), "max-events", config, warnings);
            warnIf(stream.maxAge().compareTo(history.maxAge()) < 0, "max-age", config, warnings);
            warnIf(stream.maxBytes() < history.maxBytes(), "max-bytes", config, warnings);
        }
        return warnings;
    }

    /** A hub that starts finds its past in the stream. */
    private static void warnIf(boolean isShorter, String bound, ConfigReader config, List<String> warnings) {
        if (isShorter) {
            String history = "sse-hub.history." + bound;
            warnings.add(SECTION + bound + " is " + config.text(SECTION + bound) + ", which is less than " + history + ", "
                    + config.text(history) + ": a hub that starts has a shorter past than the others");
        }
    }
}
