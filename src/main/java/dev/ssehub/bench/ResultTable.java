package dev.ssehub.bench;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/** A result for people to read: a line for each number, without those that have nothing to say. */
final class ResultTable {

    private static final double KIB = 1024;
    private static final double MIB = KIB * KIB;

    private record Line(String name, String value, String remark) {}

    private final List<Line> lines = new ArrayList<>();

    private ResultTable() {}

    /** The lines of the table. */
    static List<String> of(BenchResult result) {
        ResultTable table = new ResultTable();
        table.subscribers(result.subscribers());
        BenchResult.Events events = result.events();
        if (events != null) {
            table.events(events);
        }
        table.deliveries(result, events != null);
        table.line("bytes received", result.bytes(),
                result.deliveries().received() == 0 ? "" : decimal(result.bytesPerDelivery(), 1) + " a delivery");
        if (result.latency().getTotalCount() > 0) {
            table.latency(result);
        }
        BenchResult.Server server = result.server();
        if (server != null) {
            table.server(result, server);
        }
        return table.format();
    }

    private void subscribers(BenchResult.Subscribers subscribers) {
        line("subscribers connected", subscribers.connected(),
                "of " + whole(subscribers.asked()) + " in " + decimal(subscribers.seconds(), 2) + " s");
        lineUnlessZero("subscribers failed", subscribers.failed(), first(subscribers.firstFailure()));
        lineUnlessZero("ended early", subscribers.endedEarly(), first(subscribers.firstEnd()));
    }

    private void events(BenchResult.Events events) {
        line("events published", events.published(), "");
        line("events acknowledged", events.acknowledged(), "");
        lineUnlessZero("events refused", events.refused(), first(events.firstRefusal()));
        lineUnlessZero("events held back", events.heldBack(), "due, but not sent by the end");
    }

    private void deliveries(BenchResult result, boolean published) {
        BenchResult.Deliveries deliveries = result.deliveries();
        String rate = whole(Math.round(result.perSecond())) + " a second";
        if (!published) {
            line("events received", deliveries.received(), rate);
            return;
        }
        line("deliveries expected", deliveries.expected(), "");
        line("deliveries received", deliveries.received(), rate);
        line("deliveries lost", deliveries.lost(), "");
        line("deliveries repeated", deliveries.repeated(), "");
        lineUnlessZero("out of order", deliveries.outOfOrder(), "");
        lineUnlessZero("not expected", deliveries.unexpected(), "not acknowledged, or of another topic");
        lineUnlessZero("other events", deliveries.other(), "");
    }

    private void latency(BenchResult result) {
        String[] names = {"p50", "p90", "p99", "p99.9"};
        for (String name : names) {
            lines.add(new Line("latency " + name, decimal(result.millis(Double.parseDouble(name.substring(1))), 2), "ms"));
        }
        lines.add(new Line("latency max", decimal(result.millis(100), 2), "ms"));
    }

    private void server(BenchResult result, BenchResult.Server server) {
        lines.add(new Line("server's CPU time", decimal(server.cpu().toNanos() / 1e9, 2),
                result.deliveries().received() == 0
                        ? "s"
                        : "s, " + decimal(result.cpuMicrosPerDelivery(server), 2) + " us a delivery"));
        if (server.memory() != null && server.memoryOfSubscribers() != null) {
            int connected = Math.max(1, result.subscribers().connected());
            lines.add(new Line("server's memory", decimal(server.memory() / MIB, 1),
                    "MiB, " + decimal(server.memoryOfSubscribers() / KIB / connected, 1) + " KiB of that a subscriber"));
        }
    }

    private void line(String name, long value, String remark) {
        lines.add(new Line(name, whole(value), remark));
    }

    private void lineUnlessZero(String name, long value, String remark) {
        if (value != 0) {
            line(name, value, remark);
        }
    }

    private List<String> format() {
        int names = lines.stream().mapToInt(line -> line.name().length()).max().orElse(0);
        int values = lines.stream().mapToInt(line -> line.value().length()).max().orElse(0);
        String format = "%-" + names + "s  %" + values + "s  %s";
        return lines.stream().map(line -> String.format(format, line.name(), line.value(), line.remark()).stripTrailing())
                .toList();
    }

    private static String first(@Nullable String reason) {
        return reason == null ? "" : "the first: " + reason;
    }

    private static String whole(long value) {
        return String.format(ProgressLine.LOCALE, "%,d", value);
    }

    private static String decimal(double value, int digits) {
        return String.format(ProgressLine.LOCALE, "%,." + digits + "f", value);
    }
}
