package dev.ssehub;

import module java.base;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A test class whose tests each have a hub behind a network. */
abstract class DistantHubTest {
    DistantHub hub;

    @BeforeEach
    void startHub() throws IOException {
        hub = new DistantHub();
    }

    @AfterEach
    void stopHub() throws IOException {
        hub.close();
    }
}
