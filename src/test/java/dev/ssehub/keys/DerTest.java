package dev.ssehub.keys;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys in SEC 1, most of them made by openssl ecparam -genkey. */
class DerTest {
    private static final String P256_NAMED = "a00a06082a8648ce3d030107";

    /** The same key in both formats. */
    private enum Vector {
        P256("""
                MHcCAQEEII2d29Qi5OaRqDt6cc/muknt1n0HC8H9+AGyE8eWZYVToAoGCCqGSM49AwEHoUQDQgAE7KARpVS8tZDY8AgxeRCMtmJk7fTN
                qXzYQbm5maoos8ZKNCROnBe13G+p8keCVIpxO+lH1fReYj1u4FdWwFzNTQ==""", """
                MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjZ3b1CLk5pGoO3pxz+a6Se3WfQcLwf34AbITx5ZlhVOhRANCAATsoBGl
                VLy1kNjwCDF5EIy2YmTt9M2pfNhBubmZqiizxko0JE6cF7Xcb6nyR4JUinE76UfV9F5iPW7gV1bAXM1N"""), P384("""
                MIGkAgEBBDDb/MqecCRNQk439OliPtIVptO8ke+Eb6jR/LrCAkZkgXApUY3U5tePp1myEnppSGCgBwYFK4EEACKhZANiAATEoyo8skkU
                hCu12tbS72KoUal6EPWbUHnahERvz08jEBEsh3pRaMDunriBtVbfxH6nyqz9CKPAa+VDCxBFathC6fbJMAc2fj+utvzjCOaLqfjqh96R
                LkA0pRGbsjv2wlQ=""", """
                MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDb/MqecCRNQk439OliPtIVptO8ke+Eb6jR/LrCAkZkgXApUY3U5tePp1my
                EnppSGChZANiAATEoyo8skkUhCu12tbS72KoUal6EPWbUHnahERvz08jEBEsh3pRaMDunriBtVbfxH6nyqz9CKPAa+VDCxBFathC6fbJ
                MAc2fj+utvzjCOaLqfjqh96RLkA0pRGbsjv2wlQ="""), P521("""
                MIHcAgEBBEIAhQWe1In1Ap6Bni+cIwmjZP0IhT5lf+NH7GcL7SvNw9w54q/bfVECLgDtNcjGce6I01jO1BNGg9HawpkzYel/bZqgBwYF
                K4EEACOhgYkDgYYABADJeWSeswatmWVSOdte4dG4jxx82LW88bvb//KxmATIQ+Er3gqebDXFXzRuyhfoZdUUH+5qlGtcIaouuzu43e7/
                VgBDfHL9/HcXh6WL1Cqwu7JRUbw4BGprggCNyt5cmD+YKmPaXPbm0TnkOnQ0rdtQejtble6NUdTI41PjkHrvqnDMAg==""", """
                MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIAhQWe1In1Ap6Bni+cIwmjZP0IhT5lf+NH7GcL7SvNw9w54q/bfVECLgDt
                NcjGce6I01jO1BNGg9HawpkzYel/bZqhgYkDgYYABADJeWSeswatmWVSOdte4dG4jxx82LW88bvb//KxmATIQ+Er3gqebDXFXzRuyhfo
                ZdUUH+5qlGtcIaouuzu43e7/VgBDfHL9/HcXh6WL1Cqwu7JRUbw4BGprggCNyt5cmD+YKmPaXPbm0TnkOnQ0rdtQejtble6NUdTI41Pj
                kHrvqnDMAg==""");

        private final byte[] sec1;
        private final byte[] pkcs8;

        Vector(String sec1, String pkcs8) {
            this.sec1 = Base64.getMimeDecoder().decode(sec1);
            this.pkcs8 = Base64.getMimeDecoder().decode(pkcs8);
        }
    }

    @ParameterizedTest
    @EnumSource
    void sec1IsReadLikePkcs8(Vector vector) throws Exception {
        ECPrivateKey expected = (ECPrivateKey) KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(vector.pkcs8));
        ECPrivateKey key = (ECPrivateKey) Der.ecPrivateKey(vector.sec1);
        assertThat(key.getS()).isEqualTo(expected.getS());
        assertThat(key.getParams()).isEqualTo(expected.getParams());
        assertThat(key.getAlgorithm()).isEqualTo("EC");
    }

    @RepeatedTest(20)
    void thePublicKeyIsOptional() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        ECPrivateKey made = (ECPrivateKey) generator.generateKeyPair().getPrivate();
        ECPrivateKey key = (ECPrivateKey) Der.ecPrivateKey(p256("%064x".formatted(made.getS()), P256_NAMED));
        assertThat(key.getS()).isEqualTo(made.getS());
        assertThat(key.getParams()).isEqualTo(made.getParams());
    }

    private static byte[] p256(String key, String parameters) {
        String content = "0201010420" + key + parameters;
        return HexFormat.of().parseHex("30%02x".formatted(content.length() / 2) + content);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a000", "a00706052b8104000a", "a0053003020101"})
    void theCurveMustBeNamedAndAllowed(String parameters) {
        assertThatExceptionOfType(InvalidParameterSpecException.class)
                .isThrownBy(() -> Der.ecPrivateKey(p256("01".repeat(32), parameters)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "ff"})
    void theValueMustBeInTheRangeOfTheCurve(String each) {
        assertThatExceptionOfType(InvalidKeySpecException.class)
                .isThrownBy(() -> Der.ecPrivateKey(p256(each.repeat(32), P256_NAMED)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "30", "3001", "3003020100", "3003020101", "3080020101", "3083000003020101", "3005020101040a",
            "040101", "3004020101", "ffffffffffff", "3082", "308200", "3084ffffffff"})
    void aBrokenKeyIsRefused(String hex) {
        assertThatExceptionOfType(InvalidKeySpecException.class)
                .isThrownBy(() -> Der.ecPrivateKey(HexFormat.of().parseHex(hex)));
    }

    /** The element [1] is the public key, which is a bit string; here it holds the name of the curve. */
    @Test
    void aPublicKeyThatIsNotABitStringIsBroken() {
        assertThatExceptionOfType(InvalidKeySpecException.class)
                .isThrownBy(() -> Der.ecPrivateKey(p256("01".repeat(32), "a10a06082a8648ce3d030107")));
    }

    @Test
    void aTruncatedKeyIsBroken() {
        byte[] whole = Vector.P521.sec1;
        for (int i = 0; i < whole.length; i++) {
            byte[] half = Arrays.copyOf(whole, i);
            assertThatExceptionOfType(InvalidKeySpecException.class).isThrownBy(() -> Der.ecPrivateKey(half));
        }
    }

    @Test
    void noWrongByteCausesAnotherException() {
        byte[] right = Vector.P256.sec1;
        for (int i = 0; i < right.length; i++) {
            for (int value = 0; value < 256; value++) {
                byte[] wrong = right.clone();
                wrong[i] = (byte) value;
                try {
                    assertThat(Der.ecPrivateKey(wrong)).isInstanceOf(ECPrivateKey.class);
                } catch (GeneralSecurityException e) {
                    assertThat(e).message().hasLineCount(1);
                }
            }
        }
    }
}
