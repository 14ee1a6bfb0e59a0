package dev.ssehub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

import org.junit.jupiter.api.Test;

import dev.ssehub.config.HubConfig;
import dev.ssehub.server.LogCapture;

class ApplicationTest {

    @Test
    void doubtfulSettingsAreLoggedAsWarningsAtTheStart() {
        HubConfig config = HubConfig.load(null, Map.of(),
                Map.of("server.port", "0", "server.host", "127.0.0.1", "sse-hub.subscribe.anonymous", "false"));

        try (LogCapture log = new LogCapture()) {
            Application.start(config).close();

            assertThat(log.warnings()).isEqualTo(config.warnings()).hasSize(1);
        }
    }
}
