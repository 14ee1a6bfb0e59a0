package dev.ssehub.topic;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;

/**
 * A topic that is compared with templates.
 *
 * @param normal as the expansion of a template has it: what is not ASCII is percent codes, and those are in upper case
 */
public record Topic(String name, String normal) {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    public Topic(String name) {
        this(name, normalize(name));
    }

    /** As an expansion has it: what is not ASCII is percent codes, and those are in upper case. */
    static String normalize(String text) {
        if (isNormal(text)) {
            return text;
        }
        StringBuilder normal = new StringBuilder(text.length() + 16);
        int codes = 0; // so many digits of a percent code are still to come
        for (byte b : text.getBytes(UTF_8)) {
            if (b < 0) {
                HEX.toHexDigits(normal.append('%'), b);
            } else {
                normal.append(codes > 0 ? Character.toUpperCase((char) b) : (char) b);
            }
            codes = b == '%' ? 2 : codes - 1;
        }
        return normal.toString();
    }

    private static boolean isNormal(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80 || c == '%') {
                return false;
            }
        }
        return true;
    }

    static boolean isTriplet(String text, int at) {
        return at + 2 < text.length() && text.charAt(at) == '%' && Character.digit(text.charAt(at + 1), 16) >= 0
                && Character.digit(text.charAt(at + 2), 16) >= 0;
    }
}
