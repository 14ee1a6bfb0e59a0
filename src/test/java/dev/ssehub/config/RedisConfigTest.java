package dev.ssehub.config;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ssehub.redis.RedisSettings;
import dev.ssehub.redis.RedisSettings.Bounds;
import dev.ssehub.redis.RedisUri;
import dev.ssehub.redis.RedisUri.Address;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys of the connection to Redis. */
class RedisConfigTest {
    private static final String SECTION = "sse-hub.transport.redis.";
    private static final Map<String, String> NONE = Map.of();

    /** @param settings keys without their section, such as {@code uri=redis://a cluster=true} */
    private static HubConfig load(String settings) {
        Map<String, String> properties = new HashMap<>(Map.of("server.host", "127.0.0.1"));
        for (String setting : settings.split(" ")) {
            String[] parts = setting.split("=", 2);
            properties.put(parts[0].startsWith("sse-hub.") ? parts[0] : SECTION + parts[0], parts[1]);
        }
        return HubConfig.load(null, NONE, properties);
    }

    private static RedisUri uri(String settings) {
        return load(settings).redis().orElseThrow().uri();
    }

    @Test
    void readsEachValueFromItsOwnKey() {
        RedisSettings settings = load("uri=rediss://hub@[::1]:1,b/2 password-file=/p sentinel-master=m sentinel-password-file=/s "
                + "trust=/t certificate=/c private-key=/k prefix=x timeout=3s max-events=20000 max-age=5h max-bytes=6GiB")
                .redis().orElseThrow();

        assertThat(settings).isEqualTo(new RedisSettings(
                new RedisUri(true, Optional.of("hub"), Optional.empty(), List.of(new Address("::1", 1), new Address("b", 26_379)),
                        2),
                Optional.of(Path.of("/p")), Optional.of("m"), Optional.of(Path.of("/s")), false, Optional.of(Path.of("/t")),
                Optional.of(Path.of("/c")), Optional.of(Path.of("/k")), "x", Duration.ofSeconds(3),
                new Bounds(20_000, Duration.ofHours(5), 6L << 30)));
        assertThat(load("uri=redis://a,b cluster=true").redis().orElseThrow().cluster()).isTrue();
        assertThat(HubConfig.load(null, NONE, NONE).redis()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"redis://a|||a:6379|0", "redis://a:7/|||a:7|0", "redis://a/12|||a:6379|12",
            "redis://:p@a||p|a:6379|0", "redis://u:p%25:%2f+/?#,@@a|u|p%:/+/?#,@|a:6379|0",
            "redis://[2001:db8::1]|||[2001:db8::1]:6379|0"})
    void readsAnAddress(String text, String user, String password, String address, int database) {
        RedisUri uri = uri("uri=" + text);
        assertThat(uri.user()).isEqualTo(Optional.ofNullable(user));
        assertThat(uri.password()).isEqualTo(Optional.ofNullable(password));
        assertThat(uri.addresses()).extracting(Address::toString).containsExactly(address);
        assertThat(uri.database()).isEqualTo(database);
    }

    /** Several addresses can also be a list in the file. */
    @Test
    void readsSeveralAddresses() {
        assertThat(uri("uri=redis://a:1,b,c:3 cluster=true").addresses()).extracting(Address::toString).containsExactly("a:1",
                "b:6379", "c:3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:6379", "http://a", "redis://", "redis:///0", "redis://a:0", "redis://a:65536", "redis://a/b",
            "redis://a?db=1", "redis://a,,b", "redis://a b", "redis://a/1/2", "REDIS://a", "redis:a", "redis://::1"})
    void refusesWhatIsNoAddress(String text) {
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> HubConfig.load(null, NONE, Map.of(RedisSettings.URI, text)))
                .withMessageStartingWith(RedisSettings.URI + " is '" + text.replaceFirst("\\?.*", "?***")
                        + "' (in the system properties); it must be an address such as redis://host:6379, or rediss://");
    }

    /** A password can have any character, also those that end the user in other URLs. */
    @ParameterizedTest
    @ValueSource(strings = {"redis://u:SECRET@a", "redis://:SECRET@a", "redis://u:x/SECRET@a", "redis://u:SE,SECRET@a,b",
            "redis://u:SECRET@SECRET@a", "redis://u:SECRET%zz@a", "http://u:SECRET@a", "u:SECRET@a", "redis://u:SECRET@a:x",
            "redis://a?password=SECRET", "redis://u:SECRET?x@a", "redis://u:SECRET\uFFFD@a", "redis://u:SECRET@a/SECRET@b"})
    void showsNoPassword(String text) {
        try {
            HubConfig config = HubConfig.load(null, NONE, Map.of(RedisSettings.URI, text, SECTION + "cluster", "true"));
            assertThat(config.toString()).doesNotContain("SECRET");
            assertThat(config.reader().settings()).filteredOn(setting -> setting.key().equals(RedisSettings.URI))
                    .singleElement().satisfies(setting -> assertThat(setting.text()).contains("***").doesNotContain("SECRET"));
        } catch (StartupException e) {
            assertThat(e.getMessage()).contains("***").doesNotContain("SECRET");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "uri=redis://a sentinel-master=m cluster=true|sentinel-master|is 'm', but KEY.cluster is true; a Redis Cluster has no "
                    + "Sentinels, so only one of the two is allowed",
            "uri=redis://a,b|uri|has 2 addresses; that is allowed only with KEY.sentinel-master for Sentinels, or with KEY.cluster: "
                    + "true for a Redis Cluster",
            "uri=redis://a/1 cluster=true|uri|names database 1, but a Redis Cluster has only database 0",
            "uri=redis://:x@a password-file=/p|password-file|is set, but KEY.uri has a password, too; only one of them is allowed",
            "uri=redis://u@a|uri|names the user 'u', but there is no password; it must be in KEY.password-file, or after the user and "
                    + "a colon",
            "uri=redis://a sentinel-password-file=/p|sentinel-password-file|is set, but KEY.sentinel-master is empty; there are no "
                    + "Sentinels without it",
            "uri=redis://a trust=/t|trust|is set, but KEY.uri begins with redis://; certificates are used only with rediss://",
            "uri=redis://a certificate=/t|certificate|is set, but KEY.uri begins with redis://; certificates are used only with "
                    + "rediss://",
            "uri=rediss://a certificate=/t|certificate|is set, but KEY.private-key is not; both are needed, or neither",
            "uri=rediss://a private-key=/t|private-key|is set, but KEY.certificate is not; both are needed, or neither"})
    void namesWhatContradicts(String settings, String key, String rest) {
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> load(settings))
                .withMessage(SECTION + key + " (in the system properties) " + rest.replace("KEY.", SECTION));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"prefix=a{b|1 to 64 letters, digits, and the characters . _ : -",
            "timeout=1ms|a duration",
            "timeout=2m|from 100ms to 1m", "max-events=0|a whole number from 1", "max-age=0s|from 1s", "max-bytes=1|from 1024",
            "cluster=yes|true or false"})
    void refusesOtherValues(String setting, String allowed) {
        assertThatExceptionOfType(StartupException.class).isThrownBy(() -> load(setting)).withMessageContaining("it must be ")
                .withMessageContaining(allowed);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "trust=/t cluster=true|KEY.trust has no effect: KEY.uri is empty",
            "uri=redis://:x@10.0.0.1|KEY.uri begins with redis://: the password and all events pass unencrypted to 10.0.0.1; use "
                    + "rediss:// if others can read that network",
            "uri=redis://a,127.0.0.1 cluster=true password-file=/p|KEY.uri begins with redis://: the password and all events pass "
                    + "unencrypted to a; use rediss:// if others can read that network",
            "uri=redis://a max-events=9999|KEY.max-events is 9999, which is less than sse-hub.history.max-events, 10000: a hub that "
                    + "starts has a shorter past than the others",
            "uri=redis://a max-age=30m|KEY.max-age is 30m, which is less than sse-hub.history.max-age, 1h: a hub that starts has a "
                    + "shorter past than the others",
            "uri=redis://a sse-hub.history.max-bytes=1GiB|KEY.max-bytes is 64MiB, which is less than sse-hub.history.max-bytes, 1GiB: "
                    + "a hub that starts has a shorter past than the others"})
    void warnsOfWhatIsProbablyNotIntended(String settings, String warning) {
        assertThat(load(settings).warnings()).containsExactly(warning.replace("KEY.", SECTION));
    }

    @ParameterizedTest
    @ValueSource(strings = {"uri=redis://a", "uri=rediss://:x@a", "uri=redis://:x@localhost", "uri=redis://:x@127.0.0.1",
            "uri=redis://a max-age=30m sse-hub.history.file=/hub.db"})
    void doesNotWarnOfReasonableSettings(String settings) {
        assertThat(load(settings).warnings()).isEmpty();
    }
}
