package dev.ssehub.operate;

import module java.base;
import org.jspecify.annotations.Nullable;

/** The part of a long list that is answered, and the number of all its items. For one thread. */
final class Page<T> {
    // Sorting the whole list would take longer than all the rest. So the items beyond the end of the part are dropped from time to
    // time, and from then on most items are only compared with the last one of the part.

    private static final int SPARE = 100;

    private final Comparator<? super T> order;
    private final int offset;
    private final int end;
    private final List<T> kept = new ArrayList<>();
    /** The last item of the part so far; {@code null} until items were dropped. */
    private @Nullable T last;
    private int count;

    Page(Comparator<? super T> order, int offset, int limit) {
        this.order = order;
        this.offset = offset;
        this.end = offset + limit;
    }

    void add(T item) {
        count++;
        T bound = last;
        if (bound == null || order.compare(item, bound) < 0) {
            kept.add(item);
            if (kept.size() > 2 * end + SPARE) {
                drop();
            }
        }
    }

    private void drop() {
        kept.sort(order);
        kept.subList(Math.max(1, end), kept.size()).clear();
        last = kept.getLast();
    }

    /** Returns the number of items that were added. */
    int count() {
        return count;
    }

    /** Returns the items of the part, in order. */
    List<T> items() {
        return kept.stream().sorted(order).limit(end).skip(offset).toList();
    }
}
