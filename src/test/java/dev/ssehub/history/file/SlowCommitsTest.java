package dev.ssehub.history.file;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.logging.LoggedLines;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

class SlowCommitsTest {
    @Test
    void aSlowDiskIsLoggedOnceAMinute() {
        AtomicLong now = new AtomicLong();
        SlowCommits commits = new SlowCommits(now::get);
        try (LoggedLines log = new LoggedLines(SlowCommits.class.getName(), Level.WARNING)) {
            commits.committed(Duration.ofMillis(999).toNanos(), 1);
            commits.committed(Duration.ofMillis(1250).toNanos(), 7);
            commits.committed(Duration.ofSeconds(2).toNanos(), 8);
            now.addAndGet(Duration.ofMinutes(1).toNanos());
            commits.committed(Duration.ofSeconds(3).toNanos(), 9);

            String line = "WARNING dev.ssehub.history.file.SlowCommits: a commit of the history was slow";
            assertThat(log.all()).containsExactly(line + " duration=1.25 events=7",
                    line + " (and 1 more like this since it was last logged) duration=3 events=9");
        }
    }
}
