/**
 * Publishes the events of other servers' event streams. A {@link dev.ssehub.relay.RelayFeed} connects through {@code Upstream} and reads an
 * {@code Answer}, whose events {@code Forwarder} publishes. The only package that opens event streams.
 */
@NullMarked
package dev.ssehub.relay;

import org.jspecify.annotations.NullMarked;
