package dev.ssehub.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionCountTest {

    private static final Logger LOG = Logger.getLogger(ConnectionCount.class.getName());

    private final List<String> told = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            told.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOG.addHandler(handler);
    }

    @AfterEach
    void stop() {
        LOG.removeHandler(handler);
    }

    @Test
    void tellsOnceThatItIsFullUntilATenthHasLeft() {
        ConnectionCount count = new ConnectionCount(20);
        add(count, 19);
        assertThat(told).isEmpty();
        add(count, 1);
        assertThat(told).hasSize(1).first().asString().startsWith("full: there are 20 connections; all others wait");

        count.remove();
        add(count, 1);
        assertThat(told).hasSize(1);

        count.remove();
        count.remove();
        add(count, 2);
        assertThat(told).hasSize(2);
    }

    private static void add(ConnectionCount count, int connections) {
        for (int i = 0; i < connections; i++) {
            count.add();
        }
    }
}
