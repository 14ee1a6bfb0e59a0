package dev.ssehub.redis;

import module java.base;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.config.HubConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page has all commands that the user of the hub needs, and no other. */
class RedisUserTest {
    private static final Pattern IN_SCRIPT = Pattern.compile("redis\\.p?call\\('(\\w+)'(?:, '([A-Z]+)')?");
    private static final Pattern IN_CLASS = Pattern.compile("client(?:\\(\\))?\\.(\\w+?)(?:Binary)?\\(");
    private static final Set<String> NO_COMMANDS = Set.of("close");
    /** Jedis sends it for each connection. */
    private static final String OF_JEDIS = "client|setname";

    @TempDir
    private Path folder;

    private static String rules() throws IOException {
        return Files.readAllLines(Path.of("src/site/markdown/cluster.md")).stream()
                .filter(line -> line.startsWith("user sse-hub "))
                .findFirst().orElseThrow();
    }

    private static Stream<String> commands(String source, Pattern pattern) {
        return pattern.matcher(source).results()
                .map(found -> found.groupCount() > 1 && found.group(2) != null
                        ? found.group(1) + "|" + found.group(2)
                        : found.group(1))
                .map(command -> command.toLowerCase(Locale.ROOT));
    }

    private static Stream<Path> files(String folder, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            return files.filter(file -> file.toString().endsWith(ending)).toList().stream();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void thePageHasTheCommandsOfTheScriptsAndClasses() throws IOException {
        SortedSet<String> sent = Stream.of(Stream.of(OF_JEDIS),
                files("src/main/resources/dev/ssehub/redis", ".lua").flatMap(file -> commands(read(file), IN_SCRIPT)),
                files("src/main/java/dev/ssehub/redis", ".java").flatMap(file -> commands(read(file), IN_CLASS)))
                .flatMap(commands -> commands).filter(command -> !NO_COMMANDS.contains(command))
                .collect(toCollection(TreeSet::new));

        assertThat(Pattern.compile(" \\+(\\S+)").matcher(rules()).results().map(command -> command.group(1))).isSorted()
                .containsExactlyElementsOf(sent);
    }

    @Test
    void redisTakesTheRules() throws Exception {
        Path users = Files.writeString(folder.resolve("users.acl"), "user default off\n" + rules() + "\n");
        try (RedisServer server = RedisServer.start("--aclfile", users.toString());
                Redis redis = new Redis(HubConfig.load(null, Map.of(), Map.of(RedisSettings.URI,
                        "redis://sse-hub:PASSWORD@127.0.0.1:" + server.port())).redis().orElseThrow())) {
            assertThat(redis.problem()).isEmpty();
        }
    }
}
