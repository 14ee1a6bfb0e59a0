package dev.ssehub.config;

import module java.base;

/**
 * The value of a key, as text.
 *
 * @param text the whole value in one line
 * @param items the items of a list; otherwise the value alone; without white space around them
 * @param isList whether the value is written as a list
 */
record Value(String key, String text, List<String> items, boolean isList, Place place) {

    /** Separates the items of a list in one line. A comma within the braces of a template is part of an item. */
    private static final Pattern COMMA = Pattern.compile(",(?![^{]*})");

    Value {
        items = items.stream().map(String::strip).toList();
    }

    static Value scalar(String key, String text, Place place) {
        return new Value(key, text, List.of(text), false, place);
    }

    static Value list(String key, List<String> items, Place place) {
        return new Value(key, String.join(",", items), items, true, place);
    }

    /** Returns a value from a source without lists, where commas separate items. A comma at the end makes one item a list. */
    static Value split(String key, String text, Place place) {
        List<String> items = new ArrayList<>(List.of(COMMA.split(text, -1)));
        boolean isList = items.size() > 1;
        if (isList && items.getLast().isBlank()) {
            items.removeLast();
        }
        return new Value(key, text, items, isList, place);
    }

    /** Returns whether this is the empty text or an empty section, not a list. */
    boolean isEmpty() {
        return !isList && text.isEmpty();
    }

    boolean isBlank() {
        return text.isBlank();
    }

    /** Returns the mistake that this value is wrong. The message shows the value. */
    StartupException wrong(String rest) {
        String sentence = key + " is '" + text + "'";
        return new StartupException((place.isInFile() ? place.locate(sentence) : sentence + " in " + place.source()) + rest);
    }

    /** Returns a mistake whose message does not show the value. */
    StartupException mistake(String rest) {
        return place.mistake(key, rest);
    }
}
