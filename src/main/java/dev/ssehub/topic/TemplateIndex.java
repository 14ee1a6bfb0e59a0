package dev.ssehub.topic;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.ssehub.topic.UriTemplate.Part;

/**
 * A map from templates to what belongs to them, which is asked by topic. Changes come one at a time, questions from any thread;
 * what comes or goes while a question is answered may be found or not.
 *
 * @param <V> what belongs to a template
 */
public final class TemplateIndex<V> {

    // A tree of the templates' parts, gone through as a template is: with the positions in the topic that can be reached. What
    // several templates begin with is tried once, and of the literals that may come next those are looked up that stand in the
    // topic at such a position; what cannot be reached costs nothing. A template that is alone on its branch is tried as a
    // whole. Where there are no more literals of a length than positions, they are tried one by one. So whatever templates
    // clients make up, it costs about as much as to try them all, or less.
    //
    // All keys are lengths or strings, which are comparable: maps find them soon even if all hashes are the same.

    private final Node<V> root = new Node<>(new UriTemplate.Literal(""));

    /** What comes next on one's way. */
    private sealed interface Branch<V> permits Leaf, Node {}

    private record Leaf<V>(UriTemplate template, V value) implements Branch<V> {}

    /** What several templates have, or had, in common. */
    private static final class Node<V> implements Branch<V> {

        private final Part part;
        /** What belongs to the templates that end here, by their text. */
        private volatile Map<String, V> values = Map.of();
        /** For each length of the literals that come next, and 0 for expressions: the branches by the keys of their parts. */
        private volatile Map<Integer, Map<String, Branch<V>>> next = Map.of();

        Node(Part part) {
            this.part = part;
        }

        public void put(int depth, Leaf<V> leaf) {
            if (depth == leaf.template().parts().size()) {
                values = growing(values);
                values.put(leaf.template().text(), leaf.value());
                return;
            }
            Part first = leaf.template().parts().get(depth);
            next = growing(next);
            next.computeIfAbsent(first.length(), _ -> new ConcurrentHashMap<>(1)).merge(first.key(), leaf, (branch, _) -> {
                Node<V> node = switch (branch) {
                    case Node<V> common -> common;
                    case Leaf<V> other -> {
                        Node<V> common = new Node<>(first);
                        common.put(depth + 1, other);
                        yield common;
                    }
                };
                node.put(depth + 1, leaf);
                return node;
            });
        }

        public void remove(int depth, UriTemplate template) {
            if (depth == template.parts().size()) {
                values.remove(template.text());
                return;
            }
            Part first = template.parts().get(depth);
            next.computeIfPresent(first.length(), (_, branches) -> {
                branches.computeIfPresent(first.key(), (_, branch) -> switch (branch) {
                    case Leaf<V> _ -> null;
                    case Node<V> node -> {
                        node.remove(depth + 1, template);
                        yield node.isEmpty() ? null : node;
                    }
                });
                return branches.isEmpty() ? null : branches;
            });
        }

        public boolean isEmpty() {
            return values.isEmpty() && next.isEmpty();
        }

        /** Most nodes need one of their maps only. */
        private static <K, W> Map<K, W> growing(Map<K, W> map) {
            return map instanceof ConcurrentHashMap ? map : new ConcurrentHashMap<>(1);
        }
    }

    public void put(UriTemplate template, V value) {
        root.put(0, new Leaf<>(template, value));
    }

    /** Removes one that is there. */
    public void remove(UriTemplate template) {
        root.remove(0, template);
    }

    public boolean isEmpty() {
        return root.isEmpty();
    }

    /**
     * Finds the templates that can be expanded to a topic.
     *
     * @param found takes what belongs to them, by their text
     * @param turn lets others run in between
     * @return how many branches were tried or looked up
     */
    public int find(Topic topic, Map<String, V> found, TimeSlice turn) {
        Search<V> search = new Search<>(topic.normal(), found, turn);
        search.goOn(root, 0, UriTemplate.BEGINNING);
        return search.tried;
    }

    /** What one question takes. For one thread. */
    private static final class Search<V> {

        private final String topic;
        private final Map<String, V> found;
        private final TimeSlice turn;
        private int tried;

        Search(String topic, Map<String, V> found, TimeSlice turn) {
            this.topic = topic;
            this.found = found;
            this.turn = turn;
        }

        void goOn(Node<V> node, int depth, BitSet reached) {
            if (reached.get(topic.length())) {
                found.putAll(node.values);
            }
            node.next.forEach((length, branches) -> {
                boolean all = length == 0 || branches.size() <= reached.cardinality();
                (all ? branches : lookUp(branches, length, reached)).values().forEach(branch -> take(branch, depth, reached));
            });
        }

        private void take(Branch<V> branch, int depth, BitSet reached) {
            tried++;
            turn.passes();
            switch (branch) {
                case Leaf<V>(UriTemplate template, V value) -> {
                    if (template.matches(topic, depth, reached)) {
                        found.put(template.text(), value);
                    }
                }
                case Node<V> node -> {
                    BitSet after = node.part.after(reached, topic);
                    if (!after.isEmpty()) {
                        goOn(node, depth + 1, after);
                    }
                }
            }
        }

        private Map<String, Branch<V>> lookUp(Map<String, Branch<V>> branches, int length, BitSet reached) {
            Map<String, Branch<V>> those = new HashMap<>();
            turn.passes();
            for (int at = reached.nextSetBit(0); at >= 0 && at + length <= topic.length(); at = reached.nextSetBit(at + 1)) {
                tried++;
                String literal = topic.substring(at, at + length);
                Branch<V> branch = branches.get(literal);
                if (branch != null) {
                    those.put(literal, branch);
                }
            }
            return those;
        }
    }
}
