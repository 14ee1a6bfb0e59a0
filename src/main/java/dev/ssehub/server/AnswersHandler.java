package dev.ssehub.server;

import module java.base;
import dev.ssehub.access.Access;
import dev.ssehub.feed.AnswersFeed;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.topic.TopicSelector;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * Lets the demo page ask for answers, go on with them and stop them. A client that may subscribe to an answer may also do this. The path
 * is below that of the page, so the rules for pages of other origins apply. Any thread may call.
 */
final class AnswersHandler {
    private static final String PATH = Page.PATH + "/answers";

    private volatile Access access;
    /** {@code null} while the hub starts. */
    private volatile @Nullable Supplier<Optional<AnswersFeed>> source;

    private interface Action {
        void handle(AnswersFeed answers, ServerRequest request, ServerResponse response) throws Refusal;
    }

    private interface Change {
        /** Returns {@code false} if there is no place for the run. */
        boolean apply(String run);
    }

    AnswersHandler(Access access) {
        this.access = access;
    }

    void apply(Access next) {
        access = next;
    }

    void onQuestion(Supplier<Optional<AnswersFeed>> found) {
        source = found;
    }

    void register(HttpRouting.Builder routing) {
        routing.register(PATH, rules -> rules.post("/", refusing(this::ask))
                .any("/", (request, response) -> Refusal.sendMethodNotAllowed(request, response, "POST", "POST to ask"))
                .put("/{run}", refusing((answers, request, response) -> change(answers, request, response, answers::write)))
                .delete("/{run}", refusing((answers, request, response) -> change(answers, request, response, answers::stop)))
                .any("/{run}", (request, response) -> Refusal.sendMethodNotAllowed(request, response, "PUT, DELETE",
                        "PUT to go on, and DELETE to stop")));
    }

    private Handler refusing(Action action) {
        return (request, response) -> {
            try {
                action.handle(answers(), request, response);
            } catch (Refusal e) {
                e.send(request, response);
            } catch (IllegalArgumentException e) {
                Refusal.badRequest(e).send(request, response);
            } catch (HubClosedException e) {
                new Refusal(Status.SERVICE_UNAVAILABLE_503, "the hub is stopping").send(request, response);
            }
        };
    }

    private AnswersFeed answers() throws Refusal {
        Supplier<Optional<AnswersFeed>> found = source;
        if (found == null) {
            throw new Refusal(Status.SERVICE_UNAVAILABLE_503, "the hub is starting");
        }
        return found.get().orElseThrow(() -> new Refusal(Status.NOT_FOUND_404,
                "this hub writes no answers: sse-hub.feeds.answers.enabled is false"));
    }

    private void ask(AnswersFeed answers, ServerRequest request, ServerResponse response) throws Refusal {
        String run = answers.newRun();
        admit(answers, run, request, answers::write);
        response.status(Status.CREATED_201).header(HeaderNames.LOCATION, PATH + "/" + run);
        response.headers().set(Refusal.TEXT);
        Refusal.send(request, response, answers.topic(run));
    }

    private void change(AnswersFeed answers, ServerRequest request, ServerResponse response, Change change) throws Refusal {
        admit(answers, request.path().pathParameters().get("run"), request, change);
        response.status(Status.NO_CONTENT_204).send();
    }

    private void admit(AnswersFeed answers, String run, ServerRequest request, Change change) throws Refusal {
        access.subscriber(request, true).requireSubscribe(List.of(new TopicSelector.Exact(answers.topic(run))));
        if (!change.apply(run)) {
            throw Refusal.forNow(Status.SERVICE_UNAVAILABLE_503,
                    "the hub writes up to " + AnswersFeed.MAX_RUNS + " answers at a time", null, answers.untilNextPlace());
        }
    }
}
