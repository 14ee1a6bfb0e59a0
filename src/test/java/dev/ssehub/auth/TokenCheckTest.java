package dev.ssehub.auth;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.proc.BadJOSEException;
import dev.ssehub.keys.KeySource;
import dev.ssehub.keys.VerifyingKey;
import org.junit.jupiter.api.Test;

/** Tokens that are checked again and again. */
class TokenCheckTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Keys.NOW);
    private final Changing keys = new Changing(Keys.key(Keys.SECRET).open("key"));
    private final TokenCheck check = new TokenCheck(keys,
            new Claims(Optional.empty(), Optional.empty(), Keys.SKEW, () -> now.get()));

    /** Keys that can be there or not, as after a change of a set of keys. */
    private static final class Changing implements KeySource {
        private final KeySource all;
        private boolean none;
        private boolean broken;

        Changing(KeySource all) {
            this.all = all;
        }

        @Override
        public List<VerifyingKey> select(Optional<String> kid) throws BadJOSEException, KeySourceException {
            if (broken) {
                throw new KeySourceException("the keys cannot be fetched");
            }
            return none ? List.of() : all.select(kid);
        }

        @Override
        public Set<String> thumbprints() throws KeySourceException {
            return all.thumbprints();
        }

        @Override
        public Optional<VerifyingKey> secret() {
            return all.secret();
        }
    }

    private static String token(int number) throws Exception {
        return Keys.token(
                "{\"exp\":1800000100,\"sub\":\"s" + number + "\",\"mercure\":{\"publish\":[\"" + "x".repeat(500) + "\"]}}");
    }

    @Test
    void theSignatureOfATokenIsCheckedOnce() throws Exception {
        Token first = check.check(token(1));
        assertThat(check.check(token(1))).isSameAs(first);
        assertThat(check.check(token(2))).isNotSameAs(first);
        assertThat(check.check(token(2)).subject()).contains("s2");
    }

    @Test
    void aRememberedTokenExpires() throws Exception {
        String token = token(1);
        Instant expires = check.check(token).expires().orElseThrow();
        now.set(expires.minusNanos(1));
        check.check(token);
        now.set(expires);
        assertThatExceptionOfType(InvalidTokenException.class).isThrownBy(() -> check.check(token))
                .withMessage("the token has expired");
    }

    @Test
    void aRememberedTokenEndsWithItsKey() throws Exception {
        String token = token(1);
        Token before = check.check(token);
        keys.broken = true;
        assertThatExceptionOfType(KeysUnavailableException.class).isThrownBy(() -> check.check(token));
        keys.broken = false;
        keys.none = true;
        assertThatExceptionOfType(InvalidTokenException.class).isThrownBy(() -> check.check(token))
                .withMessage("the token is signed with a key that this hub does not know");
        keys.none = false;
        assertThat(check.check(token)).isEqualTo(before);
    }

    @Test
    void aTokenWithAnotherSignatureIsNotTheSame() throws Exception {
        String token = token(1);
        check.check(token);
        String changed = token.substring(0, token.length() - 5) + (token.endsWith("AAAAA") ? "BBBBB" : "AAAAA");
        assertThatExceptionOfType(InvalidTokenException.class).isThrownBy(() -> check.check(changed));
    }

    @Test
    void theMemoryForTokensIsLimited() throws Exception {
        String first = token(-1);
        Token remembered = check.check(first);
        for (int i = 0; i < 5_000; i++) {
            check.check(token(i));
        }
        assertThat(check.remembered()).isLessThan(4_000);
        assertThat(check.check(first)).isEqualTo(remembered);
    }
}
