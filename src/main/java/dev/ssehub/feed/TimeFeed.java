package dev.ssehub.feed;

import module java.base;
import static java.time.format.DateTimeFormatter.ISO_OFFSET_DATE_TIME;
import static java.time.temporal.ChronoUnit.SECONDS;

import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.PublishedBy;

/** Publishes the time of the server. */
public final class TimeFeed implements Feed {
    // When another node takes over, half a second goes by without a publisher. So no second comes twice, nor does the time go back,
    // unless the clocks of the two nodes differ by more than that.

    private final Reach reach;
    private final Source source;
    private final Ticker ticker;

    /** Starts to publish to a topic at an interval. */
    public TimeFeed(Hub hub, String topic, Duration interval, Clock clock, Reach reach) {
        this.reach = reach;
        source = new Source(hub, PublishedBy.TIME_FEED, reach);
        ticker = new Ticker("feed-time", interval, clock,
                () -> source.publish(new Update(topic, text(OffsetDateTime.now(clock)))));
    }

    /** Formats the time in whole seconds (RFC 3339), with the offset of the clock ({@code Z} for UTC). */
    static String text(OffsetDateTime time) {
        return "Server time: " + ISO_OFFSET_DATE_TIME.format(time.truncatedTo(SECONDS));
    }

    @Override
    public void close() {
        source.close();
        ticker.close();
        reach.lease().close();
    }
}
