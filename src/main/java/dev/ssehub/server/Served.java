package dev.ssehub.server;

import dev.ssehub.auth.Authorizer;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;

/** What the routes of a server need. */
record Served(ServerSettings settings, Hub hub, Authorizer authorizer, Meters meters, Health health) {}
