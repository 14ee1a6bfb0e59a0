package dev.ssehub.topic;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.HexFormat.fromHexDigit;
import static java.util.HexFormat.isHexDigit;

/**
 * A topic that is matched against templates.
 *
 * @param normal the form that is compared with templates: each percent code, and each byte of a non-ASCII character, is one char
 *     from U+0100 on
 */
public record Topic(String name, String normal) {
    // One char for each percent code makes every step of a match a step of one char. A topic has no other chars above U+007F.

    /** The char of the percent code {@code %00}. */
    private static final int PERCENT_CODES = 0x100;

    public Topic(String name) {
        this(name, normalize(name));
    }

    /** Returns the text with one char for each percent code and for each byte of a non-ASCII character. */
    static String normalize(String text) {
        if (isNormal(text)) {
            return text;
        }
        byte[] bytes = text.getBytes(UTF_8);
        StringBuilder normal = new StringBuilder(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] < 0) {
                normal.append((char) (PERCENT_CODES + (bytes[i] & 0xff)));
            } else if (bytes[i] == '%' && i + 2 < bytes.length && isHexDigit(bytes[i + 1]) && isHexDigit(bytes[i + 2])) {
                normal.append((char) (PERCENT_CODES + (fromHexDigit(bytes[i + 1]) << 4) + fromHexDigit(bytes[i + 2])));
                i += 2;
            } else {
                normal.append((char) bytes[i]);
            }
        }
        return normal.toString();
    }

    /** Returns whether a char of the normal form is a percent code. */
    static boolean isPercentCode(char c) {
        return c >= PERCENT_CODES;
    }

    /** Returns whether a char of the normal form is the percent code of a byte that continues a character in UTF-8. */
    static boolean isContinuation(char c) {
        return (c & ~0x3f) == PERCENT_CODES + 0x80;
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
        return at + 2 < text.length() && text.charAt(at) == '%' && isHexDigit(text.charAt(at + 1))
                && isHexDigit(text.charAt(at + 2));
    }
}
