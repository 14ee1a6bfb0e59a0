package dev.ssehub.bench;

import module java.base;
import static dev.ssehub.bench.ProgressLine.format;

import dev.ssehub.bench.load.ConnectionTally;
import dev.ssehub.bench.load.Publisher;
import dev.ssehub.bench.load.ServerProcess;

/** Formats a result as text, with one line for each figure. Omits problems that have not occurred. */
final class ResultTable {
    private record Line(String name, String value, String remark) {}

    private final List<Line> lines = new ArrayList<>();

    private ResultTable(BenchResult result) {
        BenchResult.Deliveries deliveries = result.deliveries();
        boolean delivered = deliveries.received() > 0;
        ConnectionTally.Result subscribers = result.subscribers();
        add("subscribers connected", subscribers.connected(),
                format("of %,d in %,.2f s", subscribers.asked(), subscribers.seconds()));
        addProblem("subscribers failed", subscribers.failed(), "the first: " + subscribers.firstFailure());
        addProblem("ended early", subscribers.endedEarly(), "the first: " + subscribers.firstEnd());
        String rate = format("%,.0f a second", result.perSecond());
        Publisher.Result events = result.events();
        if (events == null) {
            add("events received", deliveries.received(), rate);
        } else {
            add("events published", events.published(), "");
            add("events acknowledged", events.acknowledged(), "");
            addProblem("events refused", events.refused(), "the first: " + events.firstRefusal());
            addProblem("events held back", events.heldBack(), "due, but not sent by the end");
            add("deliveries expected", deliveries.expected(), "");
            add("deliveries received", deliveries.received(), rate);
            add("deliveries lost", deliveries.lost(), "");
            add("deliveries repeated", deliveries.repeated(), "");
            addProblem("out of order", deliveries.outOfOrder(), "");
            addProblem("not expected", deliveries.unexpected(), "not acknowledged, or of another topic");
            addProblem("other events", deliveries.other(), "");
        }
        add("bytes received", result.bytes(),
                delivered ? format("%,.1f a delivery", result.perDelivery((double) result.bytes())) : "");
        if (result.latency().getTotalCount() > 0) {
            for (String percentile : List.of("50", "90", "99", "99.9")) {
                add("latency p" + percentile, result.millis(Double.parseDouble(percentile)), "ms");
            }
            add("latency max", result.millis(100), "ms");
        }
        ServerProcess.Usage server = result.server();
        if (server != null) {
            add("server's CPU time", server.cpuMicros() / 1e6,
                    delivered ? format("s, %,.2f us a delivery", result.perDelivery(server.cpuMicros())) : "s");
            if (server.memory() != null && server.memoryOfSubscribers() != null) {
                double each = server.memoryOfSubscribers() / 1024.0 / Math.max(1, subscribers.connected());
                lines.add(new Line("server's memory", format("%,.1f", server.memory() / 1024.0 / 1024),
                        format("MiB, %,.1f KiB of it for each subscriber", each)));
            }
        }
    }

    static List<String> of(BenchResult result) {
        List<Line> lines = new ResultTable(result).lines;
        int names = lines.stream().mapToInt(line -> line.name().length()).max().orElse(0);
        int values = lines.stream().mapToInt(line -> line.value().length()).max().orElse(0);
        String layout = "%-" + names + "s  %" + values + "s  %s";
        return lines.stream().map(line -> layout.formatted(line.name(), line.value(), line.remark()).stripTrailing()).toList();
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
}
