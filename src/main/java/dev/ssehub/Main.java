package dev.ssehub;

import static java.util.stream.Collectors.toMap;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

import org.jspecify.annotations.Nullable;

import dev.ssehub.bench.BenchCommand;
import dev.ssehub.config.ConfigReader;
import dev.ssehub.config.HubConfig;
import dev.ssehub.config.StartupException;
import dev.ssehub.server.HealthProbe;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/** The command line. Exit codes: 0 all went well, 1 it did not, 2 the command line is wrong. */
@Command(name = "sse-hub", mixinStandardHelpOptions = true, versionProvider = Main.Version.class, //
        description = "A hub for server-sent events. Without a command it serves until it is told to stop (SIGTERM, Ctrl-C).")
public final class Main implements Callable<Integer> {

    public static final String CONFIG = "SSE_HUB_CONFIG";

    @Option(names = "--config", paramLabel = "FILE", scope = ScopeType.INHERIT, //
            description = "Read the configuration from this YAML file; what it leaves out has the built-in default. "
                    + "Without this option, the file is the one that the environment variable " + CONFIG + " names, if it does.")
    private @Nullable Path config;

    @Option(names = "--exit-with-parent", //
            description = "End when the process that started this one ends: for build tools and the like, which leave it behind.")
    private boolean exitWithParent;

    @Option(names = "--stdin", paramLabel = "TOPIC", converter = TopicConverter.class, //
            description = "Publish each line of the standard input to this topic.")
    private @Nullable String stdinTopic;

    private Main() {}

    /** Runs the command line; returns while the hub serves, exits the process when there is nothing more to do. */
    public static void main(String[] arguments) {
        Logging.install();
        int code = arguments.length == 0 ? serve() : commandLine().execute(arguments);
        if (code != ExitCode.OK) {
            System.exit(code);
        }
    }

    /** What the command line says when it says nothing. Reading it would take a third of the time until the hub is up. */
    private static int serve() {
        try {
            return new Main().call();
        } catch (StartupException e) {
            System.err.println(line(e));
            return ExitCode.SOFTWARE;
        }
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Main());
        CommandLine bench = new CommandLine(new BenchCommand());
        commandLine.addSubcommand(bench);
        bench.getCommandSpec().remove(bench.getCommandSpec().findOption("--config")); // it has no configuration
        commandLine.addSubcommand(new TokenCommand());
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

    private static String line(Exception e) {
        return "sse-hub: " + e.getMessage();
    }

    /** Serves. */
    @Override
    public Integer call() {
        if (exitWithParent) {
            var _ = ProcessHandle.current().parent().map(parent -> parent.onExit().thenRun(() -> System.exit(ExitCode.OK)));
        }
        Thread.setDefaultUncaughtExceptionHandler(Main::endWith);
        Application application = Application.start(load(), Optional.ofNullable(stdinTopic));
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(application::close));
        return ExitCode.OK;
    }

    /** A hub without one of its threads, because of an error such as no memory, is none: better it ends and is started again. */
    private static void endWith(Thread thread, Throwable e) {
        try {
            System.getLogger(Main.class.getName()).log(Level.ERROR, "the thread " + thread.getName() + " has failed", e);
        } finally {
            if (e instanceof Error) {
                Runtime.getRuntime().halt(ExitCode.SOFTWARE);
            }
        }
    }

    @Command(name = "health", mixinStandardHelpOptions = true, //
            description = "Ask the hub that this configuration describes, on this machine, whether it is up: exit code 0 or 1.")
    int health() {
        HubConfig config = load();
        try {
            HealthProbe.check(config.server().host(), config.server().port(), config.server().tls());
            return ExitCode.OK;
        } catch (IOException e) {
            throw new StartupException("not healthy: " + e.getMessage());
        }
    }

    HubConfig load() {
        Map<String, String> properties = System.getProperties().stringPropertyNames().stream()
                .collect(toMap(name -> name, System::getProperty));
        String file = System.getenv(CONFIG);
        return HubConfig.load(config != null || file == null || file.isEmpty() ? config : Path.of(file), System.getenv(),
                properties);
    }

    /** What is written into the manifest of the jar. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }

    /** For the command line. */
    static final class TopicConverter implements ITypeConverter<String> {
        @Override
        public String convert(String text) {
            try {
                return ConfigReader.requireTopic(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** For the command line. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[]{"sse-hub " + version() + " (Java " + Runtime.version() + ")"};
        }
    }
}
