package dev.ssehub.limit;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BodyBudgetsTest {
    @Test
    void limitsBodiesInTotalAndByAddress() {
        BodyBudgets bodies = new BodyBudgets(100, 10);
        BodyBudgets.Body one = bodies.of(address(1), true);
        assertThat(one.take(25)).isTrue();
        assertThat(one.take(1)).isFalse();
        for (int i = 2; i < 5; i++) {
            assertThat(bodies.of(address(i), true).take(25)).isTrue();
        }
        BodyBudgets.Body last = bodies.of(address(9), true);
        assertThat(last.take(1)).isFalse();
        one.close();
        assertThat(last.take(25)).isTrue();
        assertThat(one.take(1)).isFalse();
    }

    /** Even if many addresses send bodies without ending them, a client with a token can publish. */
    @Test
    void reservesHalfOfTheRoomForBodiesForClientsWithAToken() {
        BodyBudgets bodies = new BodyBudgets(100, 10);
        List<BodyBudgets.Body> others = List.of(bodies.of(address(1), false), bodies.of(address(2), false));
        assertThat(others).allMatch(body -> body.take(25));
        BodyBudgets.Body anonymous = bodies.of(address(9), false);
        BodyBudgets.Body withToken = bodies.of(address(9), true);
        assertThat(anonymous.take(1)).isFalse();
        assertThat(withToken.take(25)).isTrue();
        assertThat(withToken.take(1)).as("more than a quarter").isFalse();
        others.getFirst().close();
        withToken.close();
        assertThat(anonymous.take(25)).isTrue();
        assertThat(bodies.of(address(3), false).take(1)).isFalse();
        assertThat(bodies.of(address(3), true).take(25)).isTrue();
    }

    /** With their copies, bodies need several times their size. */
    @Test
    void aSmallHeapHasLessRoomForBodies() {
        BodyBudgets bodies = new BodyBudgets(32 << 20, 1 << 20, 64 << 20);
        assertThat(IntStream.range(0, 8).allMatch(i -> bodies.of(address(i), true).take(1 << 20))).isTrue();
        assertThat(bodies.of(address(8), true).take(1)).isFalse();
    }

    private static ClientAddress address(int last) {
        return new ClientAddress(InetAddress.ofLiteral("10.0.0." + last));
    }
}
