package dev.ssehub.config;

import module java.base;
import dev.ssehub.config.Value.Place;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.ReaderException;

/**
 * Reads a YAML file as a flat map: {@code a: {b: 1}} and {@code a.b: 1} both give the key {@code a.b}. Every value is the text
 * in the file: {@code yes} stays {@code yes}, {@code 010} stays {@code 010}. A key that is given twice, in either
 * form, is refused, because one of its values would be lost. Each section in a list has keys of its own.
 */
final class StrictYaml {
    private static final Pattern EMPTY_NAME = Pattern.compile("^$|^\\.|\\.\\.|\\.$");
    private static final String INVALID = "not valid YAML: ";

    private final IntFunction<Place> places;
    private final Map<String, Value> values = new LinkedHashMap<>();

    private StrictYaml(IntFunction<Place> places) {
        this.places = places;
    }

    /**
     * Reads the content of a file.
     *
     * @param places gives each line its place
     * @return the values by key, in the order of the file; the value of an empty section is empty
     * @throws StartupException if the text is not valid YAML, or a key is given twice or has an empty part, or a value contains
     *     itself
     */
    static Map<String, Value> read(String text, IntFunction<Place> places) {
        StrictYaml yaml = new StrictYaml(places);
        try {
            Node root = new Yaml().compose(new StringReader(text)); // null if the file is empty
            if (root instanceof MappingNode section) {
                yaml.collect("", section);
                yaml.values.values().forEach(yaml::refuseWithin);
            } else if (root != null) {
                throw yaml.invalid(line(root), "its top level must be keys with values");
            }
        } catch (MarkedYAMLException e) {
            throw yaml.invalid(e.getProblemMark().getLine() + 1,
                    (e.getContext() == null ? "" : e.getContext() + ", ") + e.getProblem());
        } catch (ReaderException e) {
            throw yaml.invalid((int) text.codePoints().limit(e.getPosition()).filter(character -> character == '\n').count() + 1,
                    "the character U+%04X is not allowed".formatted(e.getCodePoint()));
        } catch (YAMLException e) {
            throw yaml.invalid(1, String.valueOf(e.getMessage()));
        }
        return yaml.values;
    }

    private void collect(String prefix, MappingNode section) {
        for (NodeTuple tuple : section.getValue()) {
            Place place = places.apply(line(tuple.getKeyNode()));
            String key = prefix + name(tuple.getKeyNode(), place);
            if (EMPTY_NAME.matcher(key).find()) {
                throw place.mistake("the key '" + key + "'", " has an empty name before, after or between its dots");
            }
            if (tuple.getValueNode().isTwoStepsConstruction()) {
                throw place.mistake(INVALID, key + " contains itself");
            }
            switch (tuple.getValueNode()) {
                case MappingNode map when KnownKeys.isMap(key) && !map.getValue().isEmpty() ->
                    add(Value.list(key, map.getValue().stream().map(entry -> entry(entry, key, place)).toList(), place));
                case MappingNode inner when !inner.getValue().isEmpty() -> collect(key + ".", inner);
                case SequenceNode list when !KnownKeys.inSections(key).isEmpty() ->
                    add(Value.sections(key, list.getValue().stream().map(item -> section(item, key, place)).toList(), place));
                case SequenceNode list ->
                    add(Value.list(key, list.getValue().stream().map(item -> text(item, key, place)).toList(), place));
                case ScalarNode scalar when !scalar.getTag().equals(Tag.NULL) ->
                    add(Value.scalar(key, text(scalar, key, place), place));
                default -> add(Value.scalar(key, "", place));
            }
        }
    }

    /** Returns the values of a section in a list. A key that is not given has an empty value. */
    private Map<String, Value> section(Node node, String key, Place place) {
        if (!(node instanceof MappingNode section)) {
            throw place.mistake(key, " must be a list of sections, but one of its items is not a section");
        }
        StrictYaml yaml = new StrictYaml(places);
        yaml.collect(key + ".", section);
        yaml.values.values().forEach(yaml::refuseWithin);
        KnownKeys.inSections(key).forEach(
                inner -> yaml.values.putIfAbsent(inner, Value.scalar(inner, "", places.apply(line(node)))));
        return yaml.values;
    }

    /** Returns an entry of a map as the other sources of a configuration write it. */
    private static String entry(NodeTuple entry, String key, Place place) {
        String name = name(entry.getKeyNode(), place);
        if (name.contains("=")) {
            throw place.mistake(key, " has an entry whose name contains =, which is not allowed: '" + name + "'");
        }
        return name + "=" + text(entry.getValueNode(), key, place);
    }

    private static String name(Node key, Place place) {
        if (key.getTag().equals(Tag.MERGE)) {
            throw place.mistake("the merge key <<", " is not supported; write the keys in full");
        }
        return key.getTag().equals(Tag.NULL) ? "" : text(key, "a key", place);
    }

    private static String text(Node node, String subject, Place place) {
        if (node instanceof ScalarNode scalar && scalar.getTag().startsWith(Tag.PREFIX)) {
            return scalar.getValue();
        }
        throw place.mistake(subject, " must be text, but has "
                + (node instanceof ScalarNode ? "the tag " + node.getTag().getValue() : "a list or a section in it"));
    }

    private void add(Value value) {
        values.merge(value.key(), value, (first, second) -> {
            throw twice(first, second);
        });
    }

    /** Refuses a key that is inside another key with a value. An empty section has no value. */
    private void refuseWithin(Value value) {
        KnownKeys.sectionsOf(value.key()).map(values::get).filter(outer -> outer != null && !outer.isEmpty()).forEach(outer -> {
            throw twice(outer, value);
        });
    }

    /** Returns the mistake that a key is given twice, in any order. */
    private StartupException twice(Value value, Value other) {
        int first = Math.min(value.place().line(), other.place().line());
        int second = Math.max(value.place().line(), other.place().line());
        return places.apply(second).mistake(value.key(), " is given more than once, first in line " + first);
    }

    private StartupException invalid(int line, String problem) {
        return places.apply(line).mistake(INVALID, problem.replaceAll("\\s+", " ").strip());
    }

    private static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }
}
