package dev.ssehub;

import module java.base;
import dev.ssehub.auth.Grant;
import dev.ssehub.auth.TokenIssuer;
import dev.ssehub.auth.TokenSettings;
import dev.ssehub.config.HubConfig;
import dev.ssehub.config.StartupException;
import dev.ssehub.topic.TopicSelector;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Prints a token that the hub of this configuration accepts. */
@Command(name = "token", mixinStandardHelpOptions = true, //
        description = {"Print a token for development, signed with the secret of this configuration.",
                "If the configuration names a file with a set of keys, its last secret signs."})
@SuppressWarnings("NullAway.Init") // the fields are set from the command line
final class TokenCommand implements Callable<Integer> {
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofDays(3650);

    private final Supplier<HubConfig> config;

    @Spec
    private CommandSpec spec;

    @Option(names = "--publish", paramLabel = "SELECTOR", //
            description = "Grant publishing to this topic, template, or *; may be repeated.")
    private List<TopicSelector> publish = List.of();

    @Option(names = "--subscribe", paramLabel = "SELECTOR", //
            description = "Grant subscribing to this topic, template, or *; may be repeated.")
    private List<TopicSelector> subscribe = List.of();

    @Option(names = "--operate", description = "Grant operating the hub: to see the streams of all clients, and to end them.")
    private boolean operate;

    @Option(names = "--expires", paramLabel = "TIME", defaultValue = "1h", //
            description = "How long the token is valid: 10s, 2m, 1h, 1d, or ISO-8601 (default: ${DEFAULT-VALUE}).")
    private Duration expires;

    @Option(names = "--subject", paramLabel = "TEXT", description = "Whose token it is (the claim sub).")
    private @Nullable String subject;

    TokenCommand(Supplier<HubConfig> config) {
        this.config = config;
    }

    /** Prints the token. */
    @Override
    public Integer call() {
        if (publish.isEmpty() && subscribe.isEmpty() && !operate) {
            throw new ParameterException(spec.commandLine(),
                    "a token needs --publish, --subscribe or --operate, or it would grant nothing");
        }
        if (expires.compareTo(SHORTEST) < 0 || expires.compareTo(LONGEST) > 0) {
            throw new ParameterException(spec.commandLine(),
                    "--expires is " + expires + "; it must be from " + SHORTEST + " to " + LONGEST);
        }
        HubConfig hub = config.get();
        TokenSettings settings = hub.tokens().orElseThrow(() -> new StartupException(
                "there is no key for tokens; configure a secret (SSE_HUB_AUTH_KEY), such as: openssl rand -base64 32"));
        try {
            Grant grant = new Grant(publish, subscribe, List.of(), operate);
            spec.commandLine().getOut().println(
                    new TokenIssuer(settings, InstantSource.system()).issue(grant, expires, Optional.ofNullable(subject)));
        } catch (IllegalArgumentException e) {
            throw new StartupException(hub.reader().locate(e.getMessage()));
        }
        return ExitCode.OK;
    }
}
