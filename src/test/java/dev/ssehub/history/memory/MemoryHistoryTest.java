package dev.ssehub.history.memory;

import dev.ssehub.history.History;
import dev.ssehub.history.HistoryContract;
import dev.ssehub.history.Limits;
import dev.ssehub.metrics.NoMetrics;

class MemoryHistoryTest extends HistoryContract {
    @Override
    protected History open(Limits limits) {
        return new MemoryHistory(limits, now::get);
    }
}
