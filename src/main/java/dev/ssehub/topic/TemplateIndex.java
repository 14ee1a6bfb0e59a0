package dev.ssehub.topic;

import module java.base;
import dev.ssehub.topic.UriTemplate.Part;

/**
 * Finds the values of all templates that match a topic. One thread at a time may change the index; any thread may search it. A
 * search can miss or find a template that is added or removed during the search.
 */
public final class TemplateIndex<V> {
    // A tree of template parts. A search walks down the tree with the set of topic positions that it has reached, as UriTemplate
    // does. A common beginning of several templates is tried once. To find the literals that can come next, the search looks up
    // the text of the topic at each reached position. If a node has fewer literals of a length than there are positions, the
    // search tries these literals one by one instead. A template that is alone on its branch is tried as a whole. So a search
    // never costs much more than trying all templates, whatever templates the clients choose.
    //
    // All keys are lengths or strings. Both are comparable, so the maps stay fast even if all hashes collide.

    private final Node<V> root = new Node<>(new UriTemplate.Literal(""));

    /** A subtree: one template, or a node for several templates. */
    private sealed interface Branch<V> permits Leaf, Node {}

    private record Leaf<V>(UriTemplate template, V value) implements Branch<V> {}

    /** A part that several templates share or have shared. */
    private static final class Node<V> implements Branch<V> {
        private final Part part;
        /** The values of the templates that end at this node, by the template's text. */
        private volatile Map<String, V> values = Map.of();
        /** The branches, by the length of their first literal (0 for an expression) and then by the key of their first part. */
        private volatile Map<Integer, Map<String, Branch<V>>> next = Map.of();

        Node(Part part) {
            this.part = part;
        }

        void put(int depth, Leaf<V> leaf) {
            if (depth == leaf.template().parts().size()) {
                values = growing(values);
                values.put(leaf.template().text(), leaf.value());
                return;
            }
            Part first = leaf.template().parts().get(depth);
            next = growing(next);
            next.computeIfAbsent(first.length(), _ -> new ConcurrentHashMap<>(1)).merge(first.key(), leaf, (branch, _) -> {
                Node<V> node = branch instanceof Node<V> common ? common : new Node<>(first);
                if (branch instanceof Leaf<V> other) {
                    node.put(depth + 1, other);
                }
                node.put(depth + 1, leaf);
                return node;
            });
        }

        void remove(int depth, UriTemplate template) {
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

        boolean isEmpty() {
            return values.isEmpty() && next.isEmpty();
        }

        /** Creates a map on first use, because most nodes need only one of their two maps. */
        private static <K, W> Map<K, W> growing(Map<K, W> map) {
            return map instanceof ConcurrentHashMap ? map : new ConcurrentHashMap<>(1);
        }
    }

    public void put(UriTemplate template, V value) {
        root.put(0, new Leaf<>(template, value));
    }

    /** Removes a template that is in the index. */
    public void remove(UriTemplate template) {
        root.remove(0, template);
    }

    public boolean isEmpty() {
        return root.isEmpty();
    }

    /**
     * Finds the templates that select a topic, and puts their values into a map, by the template's text. Returns the number of
     * branches that were tried or looked up.
     *
     * @param beforeStep called before each branch; it can pause, or end the search with an exception
     */
    public int find(Topic topic, Map<String, V> found, Runnable beforeStep) {
        Search<V> search = new Search<>(topic.normal(), found, beforeStep);
        search.descend(root, 0, UriTemplate.BEGINNING);
        return search.tried;
    }

    private static final class Search<V> {
        private final String topic;
        private final Map<String, V> found;
        private final Runnable beforeStep;
        private int tried;

        Search(String topic, Map<String, V> found, Runnable beforeStep) {
            this.topic = topic;
            this.found = found;
            this.beforeStep = beforeStep;
        }

        void descend(Node<V> node, int depth, BitSet reached) {
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
            beforeStep.run();
            switch (branch) {
                case Leaf<V>(UriTemplate template, V value) -> {
                    if (template.matches(topic, depth, reached)) {
                        found.put(template.text(), value);
                    }
                }
                case Node<V> node -> {
                    BitSet after = node.part.after(reached, topic);
                    if (!after.isEmpty()) {
                        descend(node, depth + 1, after);
                    }
                }
            }
        }

        private Map<String, Branch<V>> lookUp(Map<String, Branch<V>> branches, int length, BitSet reached) {
            Map<String, Branch<V>> present = new HashMap<>();
            for (int at = reached.nextSetBit(0); at >= 0 && at + length <= topic.length(); at = reached.nextSetBit(at + 1)) {
                tried++;
                beforeStep.run();
                String literal = topic.substring(at, at + length);
                Branch<V> branch = branches.get(literal);
                if (branch != null) {
                    present.put(literal, branch);
                }
            }
            return present;
        }
    }
}
