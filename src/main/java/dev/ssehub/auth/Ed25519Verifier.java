package dev.ssehub.auth;

import module java.base;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.impl.BaseJWSProvider;
import com.nimbusds.jose.util.Base64URL;
import java.security.Signature;

/** Checks signatures of an Ed25519 key (RFC 8037, section 3.1) with the JDK. The verifier of nimbus needs the library Tink. */
final class Ed25519Verifier extends BaseJWSProvider implements JWSVerifier {
    private static final int SIGNATURE_BYTES = 64;

    private final EdECPublicKey key;

    Ed25519Verifier(EdECPublicKey key) {
        super(Set.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519));
        this.key = key;
    }

    @Override
    public boolean verify(JWSHeader header, byte[] signed, Base64URL signature) throws JOSEException {
        byte[] bytes = signature.decode();
        if (bytes.length != SIGNATURE_BYTES) {
            return false;
        }
        try {
            Signature check = Signature.getInstance("Ed25519");
            check.initVerify(key);
            check.update(signed);
            return check.verify(bytes);
        } catch (SignatureException _) {
            return false; // it is not the encoding of a signature
        } catch (GeneralSecurityException e) {
            throw new JOSEException("the key cannot be used", e);
        }
    }
}
