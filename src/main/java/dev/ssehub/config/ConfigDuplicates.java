package dev.ssehub.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/** Looks for keys that a file gives more than once. Helidon takes the last of several; what the others say would be lost. */
final class ConfigDuplicates {

    private static final Pattern EMPTY_NAME = Pattern.compile("^$|^\\.|\\.\\.|\\.$");

    private final Path file;
    private final Set<String> given = new HashSet<>();
    private final Set<String> withValue = new HashSet<>();

    private ConfigDuplicates(Path file) {
        this.file = file;
    }

    /**
     * Refuses a file that has one.
     *
     * @throws StartupException if a key is given in more than one form: nested, with dots, or both; or a part of its name is
     *     empty, which might be another form of the same
     * @throws YAMLException if it is not valid YAML, has a key twice in the same place, or something that contains itself
     */
    static void refuse(Path file) throws IOException {
        try (Reader reader = Files.newBufferedReader(file)) {
            if (new Yaml(new Strict()).<Object>load(reader) instanceof Map<?, ?> top) {
                ConfigDuplicates duplicates = new ConfigDuplicates(file);
                duplicates.collect("", top);
                duplicates.given.forEach(duplicates::refuseWithin);
            }
        }
    }

    private void collect(String prefix, Map<?, ?> section) {
        section.forEach((name, value) -> {
            String key = prefix + name;
            if (name == null || EMPTY_NAME.matcher(name.toString()).find()) {
                throw new StartupException("the configuration file " + file + " has the key '" + key
                        + "', which has no name before, after or between its dots");
            }
            if (value instanceof Map<?, ?> inner) {
                collect(key + ".", inner);
            } else {
                add(key, value);
            }
        });
    }

    private void add(String key, @Nullable Object value) {
        if (!given.add(key)) {
            throw twice(key);
        }
        if (value != null) {
            withValue.add(key);
        }
    }

    /** One item of a list may have a key of its own, such as {@code a.0}. A section without content has no value. */
    private void refuseWithin(String key) {
        for (int end = key.lastIndexOf('.'); end > 0; end = key.lastIndexOf('.', end - 1)) {
            String outer = key.substring(0, end);
            if (withValue.contains(outer)) {
                throw twice(outer);
            }
        }
    }

    private StartupException twice(String key) {
        return new StartupException("the configuration file " + file + " gives " + key + " more than once");
    }

    private static final class Strict extends SafeConstructor {

        private Strict() {
            super(options());
        }

        private static LoaderOptions options() {
            LoaderOptions options = new LoaderOptions();
            options.setAllowDuplicateKeys(false);
            return options;
        }

        /** In two steps are made those that an alias puts into themselves. */
        @Override
        protected Object constructObject(Node node) {
            if (node.isTwoStepsConstruction()) {
                throw new YAMLException("what begins in line " + (node.getStartMark().getLine() + 1) + " contains itself");
            }
            return super.constructObject(node);
        }
    }
}
