package dev.ssehub.limit;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressTest {
    private static final List<AddressRange> PROXIES = List.of(AddressRange.parse("10.0.0.0/8"), AddressRange.parse("fd00::/8"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "10.0.0.1 | 1.2.3.4 | 1.2.3.4",
            "10.0.0.1 | 6.6.6.6, 1.2.3.4 | 1.2.3.4",
            "10.0.0.1 | 6.6.6.6, 1.2.3.4, 10.9.9.9 | 1.2.3.4",
            "10.0.0.1 | 6.6.6.6,1.2.3.4 , 10.9.9.9,fd00::7 | 1.2.3.4",
            "fd00::1  | 1.2.3.4 | 1.2.3.4",
            "10.0.0.1 | 1.2.3.4:567 | 1.2.3.4",
            "10.0.0.1 | [2001:db8::1]:567 | 2001:db8::1",
            "10.0.0.1 | [2001:db8::1] | 2001:db8::1",
            "10.0.0.1 | 2001:db8::1 | 2001:db8::1",
            "10.0.0.1 | ::ffff:1.2.3.4 | 1.2.3.4",
            "10.0.0.1 | 6.6.6.6, ::ffff:10.2.3.4 | 6.6.6.6",
            // every entry is a trusted proxy, so the first proxy is the client
            "10.0.0.1 | 10.0.0.3, 10.0.0.2 | 10.0.0.3",
            // the header of a peer that is not a trusted proxy is ignored
            "9.9.9.9  | 1.2.3.4 | 9.9.9.9",
            "fe80::1  | 1.2.3.4 | fe80::1",
            // the entries before an invalid one are ignored
            "10.0.0.1 | '' | 10.0.0.1",
            "10.0.0.1 | unknown | 10.0.0.1",
            "10.0.0.1 | 6.6.6.6, unknown, 10.0.0.2 | 10.0.0.2",
            "10.0.0.1 | 6.6.6.6,, 10.0.0.2 | 10.0.0.2",
            "10.0.0.1 | localhost | 10.0.0.1",
            "10.0.0.1 | example.org | 10.0.0.1",
            "10.0.0.1 | 1.2.3 | 10.0.0.1",
            "10.0.0.1 | 16909060 | 10.0.0.1",
            "10.0.0.1 | 01.2.3.4 | 10.0.0.1",
            "10.0.0.1 | 1.2.3.256 | 10.0.0.1",
            "10.0.0.1 | 1.2.3.4:x | 10.0.0.1",
            "10.0.0.1 | fe80::1%lo | 10.0.0.1",
            "10.0.0.1 | :::: | 10.0.0.1",
            "10.0.0.1 | [::1 | 10.0.0.1",
            "10.0.0.1 | 1.2.3.4;by=x | 10.0.0.1"})
    void theClientIsTheLastAddressThatIsNotATrustedProxy(String peer, String forwardedFor, String client) {
        assertThat(of(peer, forwardedFor)).isEqualTo(address(client));
    }

    @Test
    void severalHeaderLinesAreReadAsOneList() {
        assertThat(of("10.0.0.1", "6.6.6.6", "1.2.3.4", "10.0.0.2")).isEqualTo(address("1.2.3.4"));
    }

    @Test
    void onlyTheLastKilobyteIsReadAndATruncatedAddressIsIgnored() {
        assertThat(of("10.0.0.1", "1.2.3.4," + "10.0.0.2,".repeat(10_000) + "10.0.0.3")).isEqualTo(address("10.0.0.2"));
        for (int length = 1000; length < 1030; length++) {
            String cut = "111.2.3.4," + " ".repeat(length) + "10.0.0.2";
            assertThat(of("10.0.0.1", cut)).isIn(address("111.2.3.4"), address("10.0.0.2"));
        }
    }

    @Test
    void anIpv6ClientIsCountedByItsNetwork() {
        assertThat(address("2001:db8:1:2:3:4:5:6").network()).isEqualTo(address("2001:db8:1:2::"))
                .isNotEqualTo(address("2001:db8:1:3::1").network());
        assertThat(address("1.2.3.4").network()).isEqualTo(address("1.2.3.4"));
    }

    /** 10.1 would be 10.0.0.1, and 10 would be 0.0.0.10. */
    @ParameterizedTest
    @CsvSource({"10.1", "10", "10/8", "010.0.0.1", "10.0.0.1/33", "10.0.0.1/-1", "10.0.0.1/8", "localhost", "''"})
    void aRangeMustBeWrittenInFull(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> AddressRange.parse(text));
    }

    @Property(tries = 2000)
    void everyTextCanBeParsed(@ForAll String text) {
        assertThat(of("10.0.0.1", text)).isNotNull();
        assertThat(of("9.9.9.9", text)).isEqualTo(address("9.9.9.9"));
    }

    @Property
    void aClientCannotHideItsAddressBehindForgedEntries(@ForAll String forged, @ForAll @IntRange(min = 11, max = 223) int first,
            @ForAll @IntRange(max = 20) int proxies) {
        String client = first + ".2.3.4";
        assertThat(of("10.0.0.1", forged, client + ", 10.1.1.1".repeat(proxies))).isEqualTo(address(client));
    }

    @Property
    void everyIpv6AddressCanBeRead(@ForAll byte[] seed) throws Exception {
        byte[] bytes = Arrays.copyOf(seed, 16);
        bytes[0] = 0x20;
        InetAddress address = InetAddress.getByAddress(bytes);
        assertThat(of("10.0.0.1", "[" + address.getHostAddress() + "]:1")).isEqualTo(new ClientAddress(address));
    }

    private static ClientAddress of(String peer, String... forwardedFor) {
        return ClientAddress.of(InetAddress.ofLiteral(peer), List.of(forwardedFor), PROXIES);
    }

    private static ClientAddress address(String literal) {
        return new ClientAddress(InetAddress.ofLiteral(literal));
    }
}
