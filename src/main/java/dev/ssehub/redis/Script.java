package dev.ssehub.redis;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

/** A script that Redis runs in one step. */
public final class Script {
    private final byte[] text;
    private final byte[] digest;

    /** @param text the text of the script, in Lua */
    public Script(String text) {
        this.text = text.getBytes(UTF_8);
        try {
            this.digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(this.text)).getBytes(UTF_8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads a script that is beside a class. */
    public static Script beside(Class<?> type, String name) {
        try (InputStream in = Objects.requireNonNull(type.getResourceAsStream(name), name)) {
            return new Script(new String(in.readAllBytes(), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] text() {
        return text;
    }

    /** Returns the name by which Redis knows the script once it has run it. */
    byte[] digest() {
        return digest;
    }
}
