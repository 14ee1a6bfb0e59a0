package dev.ssehub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.event.HubId;
import dev.ssehub.server.SseClient;

/** A subscriber of a hub with several nodes. When a stream ends, it resumes at any node, and now and then it moves by itself. */
final class ClusterSubscriber {
    private static final Pattern NEWEST = Pattern.compile("\"newest\":\"([^\"]+)\"");

    private final String selector;
    private final Predicate<String> wants;
    private final List<Integer> ports;
    private final Consumer<String> faults;
    private final Queue<Received> received = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean stopped;
    private volatile int connections;
    private String lastEventId = "earliest";

    /**
     * An event or a gap.
     *
     * @param position of the event; of the newest event that a gap may stand for
     */
    record Received(long position, String data, boolean isGap) {}

    /**
     * Starts to receive.
     *
     * @param wants tells from the data of an event whether the selector selects it
     * @param faults takes what is wrong
     */
    ClusterSubscriber(String selector, Predicate<String> wants, List<Integer> ports, Consumer<String> faults) {
        this.selector = selector;
        this.wants = wants;
        this.ports = ports;
        this.faults = faults;
        this.thread = Thread.ofVirtual().start(this::receive);
    }

    private void receive() {
        while (!stopped) {
            int port = ports.get(ThreadLocalRandom.current().nextInt(ports.size()));
            connections++; // only this thread changes it
            try (SseClient client = new SseClient(port,
                    "/sse?explain=true&topic=" + URLEncoder.encode(selector, UTF_8), "Accept: text/event-stream",
                    "Last-Event-ID: " + lastEventId)) {
                if (!client.headers().startsWith("HTTP/1.1 200 ")) {
                    faults.accept(client.headers());
                }
                for (int left = ThreadLocalRandom.current().nextInt(1_000); !stopped && left > 0; left--) {
                    take(client.nextFrame());
                }
            } catch (IOException e) {
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(50_000_000, 500_000_000));
            }
        }
    }

    private void take(String frame) {
        Map<String, String> fields = new HashMap<>();
        frame.lines().map(line -> line.split(": ", 2)).filter(field -> field.length == 2)
                .forEach(field -> fields.put(field[0], field[1]));
        String data = fields.get("data");
        if ("gap".equals(fields.get("event"))) {
            Matcher newest = NEWEST.matcher(data);
            received.add(new Received(HubId.parse(newest.find() ? newest.group(1) : fields.get("id")), data, true));
        } else if (data != null && !"overload".equals(fields.get("event"))) {
            received.add(new Received(HubId.parse(fields.get("at")), data, false));
        }
        lastEventId = fields.getOrDefault("id", lastEventId);
    }

    String selector() {
        return selector;
    }

    boolean wants(String data) {
        return wants.test(data);
    }

    /** Returns all that was received so far, in this order. */
    List<Received> received() {
        return List.copyOf(received);
    }

    /** Returns the number of streams that this subscriber has opened or tried to open. */
    int connections() {
        return connections;
    }

    /** Ends the subscriber. Its thread ends when the stream brings something or ends. */
    void stop() {
        stopped = true;
    }

    void join() throws InterruptedException {
        thread.join();
    }
}
