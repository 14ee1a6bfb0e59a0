package dev.ssehub.event;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class HubIdTest {
    @Property
    void everyPositionHasAnIdThatIsRead(@ForAll @LongRange(min = 0) long position) {
        assertThat(HubId.parse(HubId.text(position))).isEqualTo(position);
    }

    @Example
    void readsTheLastSequenceNumberOfAMillisecond() {
        assertThat(HubId.parse("1795949872805-1048575")).isEqualTo(HubId.position(1_795_949_872_805L, HubId.MAX_SEQUENCE));
        assertThat(HubId.parse("1795949872805-1048576")).isEqualTo(HubId.NONE);
        assertThat(HubId.parse("8796093022208-0")).isEqualTo(HubId.NONE);
        assertThat(HubId.parse("1795949872805-01")).isEqualTo(HubId.NONE);
    }
}
