package dev.ssehub.operate;

import module java.base;
import dev.ssehub.auth.Authorizer;
import dev.ssehub.cluster.Cluster;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.Hub;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.json.JsonObject;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** What operators can ask for and do, as JSON: selects the handler of a request. Any thread may call. */
public final class Operate {
    private static final String STREAMS = "/observe/streams";
    private static final String EVENTS = "/observe/events/";
    private static final String ENDED = "/observe/ended";
    private static final String RELOAD = "/observe/reload";
    private static final Header NO_STORE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store");

    /** Says how the path of an event must be written. */
    private static final String NO_ID = "the path needs the id of the event: " + EVENTS + "ID";

    private static final Status NOT_APPLICABLE = Status.create(422, "Unprocessable Content");

    private final AllNodes nodes;
    private volatile Operators operators;
    private volatile Reload reload = _ -> {
        throw new IllegalStateException("the hub is starting");
    };

    private interface Action {
        JsonObject answer(ServerRequest request, String operator) throws Refusal;
    }

    /**
     * @param cluster tells the other nodes, whose streams operators see as well
     * @param authorizer checks the tokens of operators
     * @param loopback whether programs on this machine may operate the hub without a token
     */
    public Operate(Hub hub, Cluster cluster, Authorizer authorizer, boolean loopback) {
        InstantSource clock = InstantSource.system();
        StreamsHandler streams = new StreamsHandler(hub, cluster.node(), clock);
        this.nodes = new AllNodes(new Nodes(streams, new EventHandler(hub, streams), cluster), clock);
        this.operators = new Operators(authorizer, loopback);
    }

    /** Replaces the rules for operators. */
    public void apply(Authorizer authorizer, boolean loopback) {
        operators = new Operators(authorizer, loopback);
    }

    /** Sets what reads the configuration again. Called once, when the hub has started. */
    public void onReload(Reload action) {
        reload = action;
    }

    /** Refuses a request that does not come from an operator. */
    public void require(ServerRequest request) throws Refusal {
        operators.require(request);
    }

    /** Registers the paths. */
    public void register(HttpRouting.Builder routing) {
        routing.any(STREAMS, (request, response) -> answer(request, response, Map.of(
                Method.GET, (query, _) -> nodes.list(query(query)),
                Method.DELETE, (query, operator) -> nodes.endAll(query(query), operator))));
        routing.any(STREAMS + "/{id}", (request, response) -> answer(request, response, Map.of(
                Method.GET, (one, _) -> nodes.describe(one.path().pathParameters().get("id")),
                Method.DELETE, (one, operator) -> nodes.end(one.path().pathParameters().get("id"), operator))));
        routing.any(ENDED, (request, response) -> answer(request, response, Map.of(
                Method.GET, (query, _) -> nodes.listEnded(query(query)))));
        routing.any(EVENTS + "*", (request, response) -> answer(request, response, Map.of(
                Method.GET, (query, _) -> nodes.trace(id(query), query(query)))));
        routing.any(RELOAD, (request, response) -> answer(request, response, Map.of(
                Method.POST, (_, operator) -> reload(operator))));
    }

    private JsonObject reload(String operator) throws Refusal {
        try {
            Reload.Result result = reload.run(operator);
            return JsonObject.builder().setStrings("applied", result.applied())
                    .setStrings("afterRestart", result.afterRestart()).build();
        } catch (IllegalArgumentException e) {
            throw new Refusal(NOT_APPLICABLE, "nothing has changed: " + e.getMessage());
        } catch (IllegalStateException e) {
            throw new Refusal(Status.SERVICE_UNAVAILABLE_503, String.valueOf(e.getMessage()));
        }
    }

    private static String query(ServerRequest request) {
        return request.query().rawValue();
    }

    /** Returns the id at the end of the path. A publisher's own id can contain slashes. */
    private static String id(ServerRequest request) {
        String path = request.path().absolute().rawPath();
        if (!path.startsWith(EVENTS) || path.length() == EVENTS.length()) { // or a part before the id is encoded or has a parameter
            throw new IllegalArgumentException(NO_ID);
        }
        String before = "/id/"; // so that slashes at the beginning of the id are not those of a host
        return URI.create(before + path.substring(EVENTS.length())).getPath().substring(before.length());
    }

    private static void refuseMethod(ServerRequest request, ServerResponse response, Set<Method> allowed) {
        if (allowed.contains(Method.POST)) {
            Refusal.sendMethodNotAllowed(request, response, "POST", "POST to read the configuration again");
        } else if (allowed.contains(Method.DELETE)) {
            Refusal.sendMethodNotAllowed(request, response, "GET, HEAD, DELETE", "GET to see streams, and DELETE to end them");
        } else {
            Refusal.sendMethodNotAllowed(request, response, "GET, HEAD", "GET");
        }
    }

    private void answer(ServerRequest request, ServerResponse response, Map<Method, Action> actions) {
        Method method = request.prologue().method();
        Action action = actions.get(method.equals(Method.HEAD) ? Method.GET : method);
        response.header(NO_STORE);
        if (action == null) {
            refuseMethod(request, response, actions.keySet());
            return;
        }
        try {
            String text = action.answer(request, operators.require(request)).toString();
            response.headers().contentType(MediaTypes.APPLICATION_JSON);
            Refusal.send(request, response, text);
        } catch (IllegalArgumentException e) {
            Refusal.badRequest(e).send(request, response);
        } catch (Refusal e) {
            e.send(request, response);
        }
    }
}
