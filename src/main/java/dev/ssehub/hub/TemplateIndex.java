package dev.ssehub.hub;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.ssehub.hub.UriTemplate.Part;

/**
 * A map from templates to what belongs to them, which is asked by topic. Changes come one at a time, questions from any thread;
 * what is put while a question is answered may be found or not.
 *
 * @param <V>
 *            what belongs to a template
 */
final class TemplateIndex<V> {

    // A tree of the templates' parts, gone through as a template is: with the positions in the topic that can be reached. What
    // several templates begin with is tried once, and of the literals that come next only those are tried that stand in the
    // topic at such a position: they are looked up. What cannot be reached costs nothing. Where there are no more literals of
    // a length than positions, they are tried one by one; so nothing costs much more than to try all templates would.
    //
    // All keys are strings, which are comparable, and lengths: maps find them soon even if all hashes are the same.

    private final Node<V> root = new Node<>(new UriTemplate.Literal(""));

    void put(UriTemplate template, V value) {
        root.put(template.parts().iterator(), template.text(), value);
    }

    /** Does nothing if it is not there. */
    void remove(UriTemplate template) {
        root.remove(template.parts().iterator(), template.text());
    }

    boolean isEmpty() {
        return root.isEmpty();
    }

    /**
     * Finds the templates that can be expanded to a topic.
     *
     * @param found
     *            takes what belongs to them, by their text
     * @param turn
     *            lets others run in between
     * @return how many parts of templates were tried or looked up
     */
    int find(Topic topic, Map<String, V> found, Turn turn) {
        Search<V> search = new Search<>(topic.normal(), found, turn);
        search.goOn(root, Search.BEGINNING);
        return search.tried;
    }

    /** Where one is after some parts. */
    private static final class Node<V> {

        private final Part part;
        /** What belongs to the templates that end here, by their text. */
        private volatile Map<String, V> values = Map.of();
        /** What comes next: for each length of literals, and 0 for expressions, the nodes by the keys of their parts. */
        private volatile Map<Integer, Map<String, Node<V>>> next = Map.of();

        Node(Part part) {
            this.part = part;
        }

        void put(Iterator<Part> rest, String text, V value) {
            if (rest.hasNext()) {
                Part first = rest.next();
                next = growing(next);
                next.computeIfAbsent(first.length(), _ -> new ConcurrentHashMap<>(1))
                        .computeIfAbsent(first.key(), _ -> new Node<>(first)).put(rest, text, value);
            } else {
                values = growing(values);
                values.put(text, value);
            }
        }

        void remove(Iterator<Part> rest, String text) {
            if (rest.hasNext()) {
                Part first = rest.next();
                next.computeIfPresent(first.length(), (_, nodes) -> {
                    nodes.computeIfPresent(first.key(), (_, node) -> {
                        node.remove(rest, text);
                        return node.isEmpty() ? null : node;
                    });
                    return nodes.isEmpty() ? null : nodes;
                });
            } else {
                values.remove(text);
            }
        }

        boolean isEmpty() {
            return values.isEmpty() && next.isEmpty();
        }

        /** Most nodes need one of their maps only. */
        private static <K, W> Map<K, W> growing(Map<K, W> map) {
            return map instanceof ConcurrentHashMap ? map : new ConcurrentHashMap<>(1);
        }
    }

    /** What one question takes. For one thread. */
    private static final class Search<V> {

        private static final BitSet BEGINNING = BitSet.valueOf(new long[]{1});

        private final String topic;
        private final Map<String, V> found;
        private final Turn turn;
        private int tried;

        Search(String topic, Map<String, V> found, Turn turn) {
            this.topic = topic;
            this.found = found;
            this.turn = turn;
        }

        void goOn(Node<V> node, BitSet reached) {
            if (reached.get(topic.length())) {
                found.putAll(node.values);
            }
            node.next.forEach((length, nodes) -> {
                boolean all = length == 0 || nodes.size() <= reached.cardinality();
                (all ? nodes : lookUp(nodes, length, reached)).values().forEach(next -> tryNext(next, reached));
            });
        }

        private void tryNext(Node<V> next, BitSet reached) {
            tried++;
            BitSet after = next.part.after(reached, topic);
            turn.passes();
            if (!after.isEmpty()) {
                goOn(next, after);
            }
        }

        private Map<String, Node<V>> lookUp(Map<String, Node<V>> nodes, int length, BitSet reached) {
            Map<String, Node<V>> those = new HashMap<>();
            for (int at = reached.nextSetBit(0); at >= 0 && at + length <= topic.length(); at = reached.nextSetBit(at + 1)) {
                tried++;
                String literal = topic.substring(at, at + length);
                Node<V> node = nodes.get(literal);
                if (node != null) {
                    those.put(literal, node);
                }
            }
            return those;
        }
    }
}
