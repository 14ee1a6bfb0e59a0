package dev.ssehub.history;

import module java.base;
import org.jspecify.annotations.Nullable;

/** A binary heap of topics. It finds the first topic of an order, and takes a topic whose order has changed. Not thread-safe. */
final class TopicHeap {
    // Each topic knows its place in the heap, so a change costs a few comparisons, and no memory.

    private final int number;
    private final Comparator<TopicPast> order;
    private TopicPast[] heap = new TopicPast[16];
    private int size;

    /** @param number the number of the heap: a topic knows its place in each of its heaps by this number */
    TopicHeap(int number, Comparator<TopicPast> order) {
        this.number = number;
        this.order = order;
    }

    @Nullable
    TopicPast first() {
        return size == 0 ? null : heap[0];
    }

    void clear() {
        Arrays.fill(heap, null);
        size = 0;
    }

    void add(TopicPast topic) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        put(size++, topic);
        changed(topic);
    }

    @SuppressWarnings({"NullAway", "ReferenceEquality"}) // free places are null
    void remove(TopicPast topic) {
        TopicPast last = heap[--size];
        heap[size] = null;
        if (last != topic) {
            put(topic.places[number], last);
            changed(last);
        }
    }

    /** Moves a topic to its place after its order has changed. */
    void changed(TopicPast topic) {
        int place = topic.places[number];
        while (place > 0 && order.compare(topic, heap[(place - 1) / 2]) < 0) {
            put(place, heap[(place - 1) / 2]);
            place = (place - 1) / 2;
        }
        for (int child = firstChild(place); child < size && order.compare(heap[child], topic) < 0; child = firstChild(place)) {
            put(place, heap[child]);
            place = child;
        }
        put(place, topic);
    }

    /** Returns the child of a place that is first in the order. */
    private int firstChild(int place) {
        int left = 2 * place + 1;
        return left + 1 < size && order.compare(heap[left + 1], heap[left]) < 0 ? left + 1 : left;
    }

    private void put(int place, TopicPast topic) {
        heap[place] = topic;
        topic.places[number] = place;
    }
}
