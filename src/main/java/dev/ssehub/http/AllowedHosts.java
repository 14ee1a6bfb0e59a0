package dev.ssehub.http;

import module java.base;
import dev.ssehub.metrics.LogThrottle;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.lang.System.Logger.Level;

/**
 * Refuses requests for host names that are not listed.
 *
 * <p>
 * The owner of a site can point the site's name to the hub's address (DNS rebinding). For the browser, the hub is then the own
 * origin of the site's pages. But the header {@code Host} still has the name of the site, so the hub can refuse the request.
 * Nobody can point an address or {@code localhost} elsewhere, so these are always allowed.
 */
public final class AllowedHosts {
    private static final System.Logger LOG = System.getLogger(AllowedHosts.class.getName());
    private static final Pattern PORT = Pattern.compile(":[0-9]*$");
    /** A name whose last label is a number is an address (WHATWG URL, 3.5). */
    private static final Pattern ADDRESS_OR_LOCAL = Pattern.compile("\\[.*]|(.*\\.)?([0-9]+|localhost)");
    private static final String ANY_LABEL = "*.";

    private volatile Set<String> names;
    private final LogThrottle throttle = new LogThrottle();

    /**
     * @param names names in lower case; {@code *.example.com} stands for every name below {@code example.com}; empty allows all
     *     names
     */
    public AllowedHosts(Set<String> names) {
        this.names = Set.copyOf(names);
    }

    /** Replaces the names. */
    public void apply(Set<String> another) {
        names = Set.copyOf(another);
    }

    /** Returns whether the host of the request is allowed. If not, answers 421 (RFC 9110, section 15.5.20). */
    public boolean admits(RoutingRequest request, RoutingResponse response) {
        Optional<String> host = names.isEmpty() ? Optional.empty() : request.headers().first(HeaderNames.HOST);
        if (host.isEmpty() || allows(host.get())) {
            return true;
        }
        if (throttle.isDue()) {
            LOG.log(Level.WARNING, "refused a request for the host " + Refusal.printable(host.get()) + ", which is not in "
                    + "server.allowed-hosts; for a minute, further requests are only counted (sse_hub_requests_refused_total)");
        }
        new Refusal(Status.MISDIRECTED_REQUEST_421, "the host " + Refusal.printable(host.get())
                + " is not in server.allowed-hosts").send(request, response);
        return false;
    }

    private boolean allows(String host) {
        String name = PORT.matcher(host.toLowerCase(Locale.ROOT)).replaceFirst("");
        String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        return ADDRESS_OR_LOCAL.matcher(bare).matches() || names.contains(bare) || names.stream()
                .anyMatch(listed -> listed.startsWith(ANY_LABEL) && bare.endsWith(listed.substring(ANY_LABEL.length() - 1)));
    }
}
