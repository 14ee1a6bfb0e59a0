package dev.ssehub.topic;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A topic that is matched against templates.
 *
 * @param normal the form that an expanded template has: non-ASCII characters as percent codes, all percent codes in upper case
 */
public record Topic(String name, String normal) {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    public Topic(String name) {
        this(name, normalize(name));
    }

    /** Returns the text with non-ASCII characters as percent codes, and all percent codes in upper case. */
    static String normalize(String text) {
        if (isNormal(text)) {
            return text;
        }
        StringBuilder normal = new StringBuilder(text.length() + 16);
        int digits = 0; // the digits that the current percent code still needs
        for (byte b : text.getBytes(UTF_8)) {
            if (b < 0) {
                HEX.toHexDigits(normal.append('%'), b);
            } else {
                normal.append(digits > 0 ? Character.toUpperCase((char) b) : (char) b);
            }
            digits = b == '%' ? 2 : digits - 1;
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

    /** Returns whether the text has a percent code such as {@code %2F} at this index. */
    static boolean isTriplet(String text, int at) {
        return at + 2 < text.length() && text.charAt(at) == '%' && Character.digit(text.charAt(at + 1), 16) >= 0
                && Character.digit(text.charAt(at + 2), 16) >= 0;
    }
}
