package dev.ssehub.bench;

import module java.base;
import static dev.ssehub.bench.ProgressLine.format;

import dev.ssehub.bench.load.ConnectionTally;
import dev.ssehub.bench.load.Publisher;
import dev.ssehub.bench.load.ServerProcess;
import org.jspecify.annotations.Nullable;

/** Formats a result as text, with one line for each figure. Omits problems that have not occurred. */
final class ResultTable {

    private static final double KIB = 1024;
    private static final double MIB = KIB * KIB;

    private record Line(String name, String value, String remark) {}

    private final List<Line> lines = new ArrayList<>();

    private ResultTable() {}

    static List<String> of(BenchResult result) {
        ResultTable table = new ResultTable();
        table.addSubscribers(result.subscribers());
        table.addEvents(result, result.events());
        table.add("bytes received", result.bytes(),
                result.deliveries().received() == 0
                        ? ""
                        : format("%,.1f a delivery", result.perDelivery((double) result.bytes())));
        if (result.latency().getTotalCount() > 0) {
            for (String percentile : List.of("50", "90", "99", "99.9")) {
                table.add("latency p" + percentile, result.millis(Double.parseDouble(percentile)), "ms");
            }
            table.add("latency max", result.millis(100), "ms");
        }
        table.addServer(result, result.server());
        return table.rows();
    }

    private void addSubscribers(ConnectionTally.Result subscribers) {
        add("subscribers connected", subscribers.connected(),
                format("of %,d in %,.2f s", subscribers.asked(), subscribers.seconds()));
        addProblem("subscribers failed", subscribers.failed(), first(subscribers.firstFailure()));
        addProblem("ended early", subscribers.endedEarly(), first(subscribers.firstEnd()));
    }

    private void addEvents(BenchResult result, Publisher.@Nullable Result events) {
        BenchResult.Deliveries deliveries = result.deliveries();
        String rate = format("%,d a second", Math.round(result.perSecond()));
        if (events == null) {
            add("events received", deliveries.received(), rate);
            return;
        }
        add("events published", events.published(), "");
        add("events acknowledged", events.acknowledged(), "");
        addProblem("events refused", events.refused(), first(events.firstRefusal()));
        addProblem("events held back", events.heldBack(), "due, but not sent by the end");
        add("deliveries expected", deliveries.expected(), "");
        add("deliveries received", deliveries.received(), rate);
        add("deliveries lost", deliveries.lost(), "");
        add("deliveries repeated", deliveries.repeated(), "");
        addProblem("out of order", deliveries.outOfOrder(), "");
        addProblem("not expected", deliveries.unexpected(), "not acknowledged, or of another topic");
        addProblem("other events", deliveries.other(), "");
    }

    private void addServer(BenchResult result, ServerProcess.@Nullable Usage server) {
        if (server == null) {
            return;
        }
        add("server's CPU time", server.cpuMicros() / 1e6, result.deliveries().received() == 0
                ? "s"
                : format("s, %,.2f us a delivery", result.perDelivery(server.cpuMicros())));
        if (server.memory() != null && server.memoryOfSubscribers() != null) {
            double each = server.memoryOfSubscribers() / KIB / Math.max(1, result.subscribers().connected());
            lines.add(new Line("server's memory", format("%,.1f", server.memory() / MIB),
                    format("MiB, %,.1f KiB of it for each subscriber", each)));
        }
    }

    private void add(String name, long value, String remark) {
        lines.add(new Line(name, format("%,d", value), remark));
    }

    private void add(String name, double value, String remark) {
        lines.add(new Line(name, format("%,.2f", value), remark));
    }

    private void addProblem(String name, long value, String remark) {
        if (value != 0) {
            add(name, value, remark);
        }
    }

    private List<String> rows() {
        int names = lines.stream().mapToInt(line -> line.name().length()).max().orElse(0);
        int values = lines.stream().mapToInt(line -> line.value().length()).max().orElse(0);
        String layout = "%-" + names + "s  %" + values + "s  %s";
        return lines.stream().map(line -> layout.formatted(line.name(), line.value(), line.remark()).stripTrailing()).toList();
    }

    private static String first(@Nullable String reason) {
        return reason == null ? "" : "the first: " + reason;
    }
}
