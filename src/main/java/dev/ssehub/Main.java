package dev.ssehub;

import module java.base;
import static java.util.stream.Collectors.toMap;

import dev.ssehub.access.ReservedTopics;
import dev.ssehub.bench.BenchCommand;
import dev.ssehub.config.Conversions;
import dev.ssehub.config.HubConfig;
import dev.ssehub.config.StartupException;
import dev.ssehub.hub.DrainSettings;
import dev.ssehub.logging.Logging;
import dev.ssehub.server.HealthProbe;
import dev.ssehub.topic.TopicSelector;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/** The command line. Exit codes: 0 success, 1 failure, 2 a wrong command line. */
@Command(name = "sse-hub", mixinStandardHelpOptions = true, versionProvider = Version.class, //
        description = "A hub for server-sent events. Without a command it serves until it is told to stop (SIGTERM, Ctrl-C).")
public final class Main implements Callable<Integer> {
    /** How long the hub may take to stop, besides the time in which its streams end. */
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

    @Option(names = "--config", paramLabel = "FILE", scope = ScopeType.INHERIT, //
            description = "Read the configuration from this YAML file; a key that it leaves out has its built-in default. "
                    + "Without this option, the environment variable " + HubConfig.FILE + " may name the file.")
    private @Nullable Path config;

    @Option(names = "--exit-with-parent", //
            description = "End when the parent process ends; for build tools, which may leave the hub running.")
    private boolean exitWithParent;

    @Option(names = "--stdin", paramLabel = "TOPIC", //
            description = "Publish each line of the standard input to this topic.")
    private TopicSelector.@Nullable Exact stdinTopic;

    private Main() {}

    /** Runs the command line. Returns while the hub serves; otherwise exits the process if the command failed. */
    public static void main(String[] arguments) {
        Logging.install();
        int code = arguments.length == 0 ? serve() : commandLine().execute(arguments);
        if (code != ExitCode.OK) {
            System.exit(code);
        }
    }

    /** Serves without picocli, which would take a third of the start. */
    private static int serve() {
        try {
            return new Main().call();
        } catch (StartupException e) {
            System.err.println(line(e));
            return ExitCode.SOFTWARE;
        }
    }

    static CommandLine commandLine() {
        Main main = new Main();
        CommandLine commandLine = new CommandLine(main);
        CommandLine bench = new CommandLine(new BenchCommand());
        commandLine.addSubcommand(bench);
        bench.getCommandSpec().remove(bench.getCommandSpec().findOption("--config")); // the bench has no configuration
        commandLine.addSubcommand(new TokenCommand(main::load));
        commandLine.addSubcommand(new CheckCommand(main::load));
        commandLine.registerConverter(Duration.class, converter(Conversions::toDuration));
        commandLine.registerConverter(TopicSelector.class, converter(TopicSelector::parse));
        commandLine.registerConverter(TopicSelector.Exact.class, converter(ReservedTopics::requireOther));
        commandLine.setParameterExceptionHandler((e, _) -> {
            commandLine.getErr().println("sse-hub: " + e.getMessage() + "; try --help");
            return ExitCode.USAGE;
        });
        commandLine.setExecutionExceptionHandler((e, _, _) -> {
            if (e instanceof StartupException) {
                commandLine.getErr().println(line(e));
                return ExitCode.SOFTWARE;
            }
            throw e;
        });
        return commandLine;
    }

    /** Lets picocli show the message of an {@link IllegalArgumentException}. */
    private static <T> ITypeConverter<T> converter(Function<String, T> parse) {
        return text -> {
            try {
                return parse.apply(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        };
    }

    private static String line(Exception e) {
        return "sse-hub: " + e.getMessage();
    }

    /** Starts the hub and returns. */
    @Override
    public Integer call() {
        if (exitWithParent) {
            var _ = ProcessHandle.current().parent().map(parent -> parent.onExit().thenRun(() -> System.exit(ExitCode.OK)));
        }
        Thread.setDefaultUncaughtExceptionHandler(Main::endAfter);
        Application application = Application.start(this::load, Optional.ofNullable(stdinTopic),
                Clock.system(ZoneId.systemDefault()));
        LastResort lastResort = LastResort.start(application.server()::isListening, () -> {
            DrainSettings drain = application.config().current().drain();
            return drain.delay().plus(drain.timeout()).plus(STOP_TIMEOUT);
        });
        Systemd systemd = new Systemd("systemd-notify", System.getenv(), ProcessHandle.current().pid(),
                application.hub()::awaitTurn);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(() -> {
            lastResort.stopping();
            application.close();
            systemd.close();
        }));
        Signals.install();
        Signals.handle("HUP", _ -> {
            try {
                application.reload("SIGHUP");
            } catch (StartupException _) {
                // the log says why nothing has changed
            }
        });
        application.logStart();
        systemd.ready(); // not earlier: "systemctl reload" sends SIGHUP, which must not end the hub
        return ExitCode.OK;
    }

    /** Logs why a thread has ended. After an error, such as no memory, a restart is better than to serve without the thread. */
    private static void endAfter(Thread thread, Throwable e) {
        try {
            System.getLogger(Main.class.getName()).log(Level.ERROR, "the thread " + thread.getName() + " has failed", e);
        } finally {
            if (e instanceof Error) {
                Runtime.getRuntime().halt(ExitCode.SOFTWARE);
            }
        }
    }

    @Command(name = "health", mixinStandardHelpOptions = true, //
            description = "Check that the hub of this configuration is up on this machine; exit code 0 if it is, otherwise 1.")
    int health() {
        HubConfig config = load();
        try {
            HealthProbe.check(config.server());
            return ExitCode.OK;
        } catch (IOException e) {
            throw new StartupException("not healthy: " + config.reader().locate(e.getMessage()));
        }
    }

    HubConfig load() {
        Map<String, String> properties = System.getProperties().stringPropertyNames().stream()
                .collect(toMap(name -> name, System::getProperty));
        String file = System.getenv(HubConfig.FILE);
        return HubConfig.load(config != null || file == null || file.isEmpty() ? config : Path.of(file), System.getenv(),
                properties);
    }
}
