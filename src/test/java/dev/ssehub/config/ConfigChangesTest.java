package dev.ssehub.config;

import module java.base;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a running hub can change. */
class ConfigChangesTest {
    private static final Path PAGE = Path.of("src/site/markdown/operate.md");

    @Test
    void thePageNamesTheKeysThatTakeARestart() throws IOException {
        String row = Files.readAllLines(PAGE).stream().filter(line -> line.endsWith("| after a restart |")).findFirst()
                .orElseThrow();
        Set<String> named = Pattern.compile("`([^`]+)`").matcher(row).results().map(key -> key.group(1)).collect(toSet());
        assertThat(named).isEqualTo(ConfigChanges.FIXED.stream()
                .map(key -> key.replaceFirst("^sse-hub\\.", "").replaceFirst("\\.$", "")).collect(toSet()));
    }

    /** Each key is applied by a reload, or it is one of those that take a restart. */
    @Test
    void thePageNamesEverySectionThatAReloadApplies() throws IOException {
        String page = Files.readString(PAGE);
        String table = page.substring(page.indexOf("## Change the configuration"), page.indexOf("## Behind a proxy"));
        Set<String> sections = HubConfig.load(null, Map.of(), Map.of()).reader().values().keySet().stream()
                .map(key -> key.startsWith("server.") ? key : key.replaceFirst("^sse-hub\\.", ""))
                .map(key -> key.startsWith("server.tls.") ? "server.tls" : key.startsWith("server.") ? key : key.split("\\.")[0])
                .collect(toSet());
        assertThat(sections).allSatisfy(section -> assertThat(table).containsPattern("`" + section + "[`.]"));
    }
}
