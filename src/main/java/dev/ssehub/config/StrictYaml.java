package dev.ssehub.config;

import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
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
 * that stands in the file: {@code yes} stays {@code yes}, {@code 010} stays {@code 010}. A key that is given twice, in whatever
 * form, is refused, because one of its values would be lost.
 */
final class StrictYaml {

    private static final Pattern EMPTY_NAME = Pattern.compile("^$|^\\.|\\.\\.|\\.$");

    /**
     * The value of a key.
     *
     * @param items the items of a list; otherwise the value alone, which is empty if the file gives none
     * @param isList whether the file gives a list
     * @param line the line of the key, from 1
     */
    record Entry(List<String> items, boolean isList, int line) {

        boolean isEmpty() {
            return !isList && items.getFirst().isEmpty();
        }
    }

    private final String file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private StrictYaml(String file) {
        this.file = file;
    }

    /**
     * Reads a file.
     *
     * @param file the name of the file, for messages
     * @param text the content of the file
     * @return the entries by key, in the order of the file
     * @throws StartupException if the text is not valid YAML, or a key is given twice or has an empty part, or a value contains
     *     itself
     */
    static Map<String, Entry> read(String file, String text) {
        StrictYaml yaml = new StrictYaml(file);
        try {
            yaml.read(new Yaml().compose(new StringReader(text)));
        } catch (MarkedYAMLException e) {
            throw yaml.invalid(e.getProblemMark().getLine() + 1,
                    (e.getContext() == null ? "" : e.getContext() + ", ") + e.getProblem());
        } catch (ReaderException e) {
            throw yaml.invalid((int) text.codePoints().limit(e.getPosition()).filter(character -> character == '\n').count() + 1,
                    "the character U+%04X is not allowed".formatted(e.getCodePoint()));
        } catch (YAMLException e) {
            throw yaml.invalid(1, String.valueOf(e.getMessage()));
        }
        return yaml.entries;
    }

    private void read(@Nullable Node root) {
        if (root instanceof MappingNode section) {
            collect("", section);
            entries.forEach(this::refuseWithin);
        } else if (root != null) {
            throw invalid(line(root), "its top level must be keys with values");
        }
    }

    private void collect(String prefix, MappingNode section) {
        if (section.isMerged()) {
            new Merger().flattenMapping(section);
        }
        for (NodeTuple tuple : section.getValue()) {
            int line = line(tuple.getKeyNode());
            String key = prefix + name(tuple.getKeyNode());
            if (EMPTY_NAME.matcher(key).find()) {
                throw Place.line(file, line).mistake("the key '" + key + "'",
                        " has an empty name before, after or between its dots");
            }
            if (tuple.getValueNode().isTwoStepsConstruction()) {
                throw invalid(line, key + " contains itself");
            }
            switch (tuple.getValueNode()) {
                case MappingNode inner when !inner.getValue().isEmpty() -> collect(key + ".", inner);
                case SequenceNode list -> add(key, new Entry(
                        list.getValue().stream().map(item -> text(item, key, line)).toList(), true, line));
                case ScalarNode value -> add(key, new Entry(
                        List.of(value.getTag().equals(Tag.NULL) ? "" : text(value, key, line)), false, line));
                default -> add(key, new Entry(List.of(""), false, line));
            }
        }
    }

    private String name(Node key) {
        return key.getTag().equals(Tag.NULL) ? "" : text(key, "a key", line(key));
    }

    private String text(Node node, String key, int line) {
        if (node instanceof ScalarNode scalar && scalar.getTag().startsWith(Tag.PREFIX)) {
            return scalar.getValue();
        }
        throw Place.line(file, line).mistake(key, " must be text, but has " + (node instanceof ScalarNode
                ? "the tag " + node.getTag().getValue()
                : "a list or a section in it"));
    }

    private void add(String key, Entry entry) {
        Entry first = entries.putIfAbsent(key, entry);
        if (first != null) {
            throw twice(key, first.line(), entry.line());
        }
    }

    /** Refuses a key that is both a value and a section. A section without content is not a value. */
    private void refuseWithin(String key, Entry entry) {
        for (int end = key.lastIndexOf('.'); end > 0; end = key.lastIndexOf('.', end - 1)) {
            String outer = key.substring(0, end);
            Entry other = entries.get(outer);
            if (other != null && !other.isEmpty()) {
                throw twice(outer, Math.min(entry.line(), other.line()), Math.max(entry.line(), other.line()));
            }
        }
    }

    private StartupException twice(String key, int first, int second) {
        return Place.line(file, second).mistake(key, " is given more than once, first in line " + first);
    }

    private StartupException invalid(int line, String problem) {
        return Place.line(file, line).mistake("not valid YAML: ", problem.replaceAll("\\s+", " ").strip());
    }

    private static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    /** Puts the keys of {@code <<} (YAML 1.1, "Merge Key") in its place. */
    private static final class Merger extends SafeConstructor {

        private Merger() {
            super(new LoaderOptions());
            setAllowDuplicateKeys(false);
        }

        @Override
        protected void flattenMapping(MappingNode section) {
            super.flattenMapping(section);
        }
    }
}
