package dev.ssehub.bench;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import dev.ssehub.bench.load.ServerProcess;

import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command line of the load generator. Exit codes: 0 all went well, 1 it did not, 2 the command line is wrong. */
@Command(name = "bench", mixinStandardHelpOptions = true, description = "Measure an SSE server: open many streams, publish, and count what arrives and when.")
@SuppressWarnings("NullAway.Init") // the fields are set from the command line
public final class BenchCommand implements Callable<Integer> {

    private static final Pattern HEADER = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(\\P{Cntrl}*)");

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "URL", description = "The stream; {topic} in it is replaced, see --topics.")
    private String url;

    @Option(names = "--subscribers", paramLabel = "N", defaultValue = "100", //
            description = "How many streams to open (default: ${DEFAULT-VALUE}).")
    private int subscribers;

    @Option(names = "--publish", paramLabel = "URL", description = "Where to publish; without it, nothing is.")
    private @Nullable String publishUrl;

    @Option(names = "--rate", paramLabel = "N", defaultValue = "10", description = "Events a second (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(names = "--size", paramLabel = "BYTES", defaultValue = "100", //
            description = "How much data an event has (default: ${DEFAULT-VALUE}).")
    private int size;

    @Option(names = "--duration", paramLabel = "TIME", defaultValue = "10s", converter = DurationConverter.class, //
            description = "How long: 500ms, 10s, 2m, or ISO-8601 (default: ${DEFAULT-VALUE}).")
    private Duration duration;

    @Option(names = "--publish-body", paramLabel = "TEXT", defaultValue = "topic=chat&data={data}", //
            description = "The body of a request to publish; {data} and {topic} are replaced (default: ${DEFAULT-VALUE}).")
    private String publishBody;

    @Option(names = "--publish-type", paramLabel = "TYPE", defaultValue = "application/x-www-form-urlencoded", //
            description = "Its Content-Type (default: ${DEFAULT-VALUE}).")
    private String publishType;

    @Option(names = "--header", paramLabel = "'NAME: VALUE'", description = "Send this with every request; may be repeated.")
    private List<String> headers = List.of();

    @Option(names = "--topics", paramLabel = "N", defaultValue = "1", //
            description = "Spread streams and events over N topics: {topic} is 0 to N - 1 (default: ${DEFAULT-VALUE}).")
    private int topics;

    @Option(names = "--slow", paramLabel = "N", defaultValue = "0", //
            description = "So many of the streams are not read after the headers (default: ${DEFAULT-VALUE}).")
    private int slow;

    @Option(names = "--ramp", paramLabel = "N", defaultValue = "200", //
            description = "How many connections may be unanswered while they are opened (default: ${DEFAULT-VALUE}).")
    private int ramp;

    @Option(names = "--threads", paramLabel = "N", description = "How many threads read (default: one a core).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--pid", paramLabel = "PID", description = "Tell what the server's process takes, which has this number here.")
    private @Nullable Long pid;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Option(names = "--remote", description = "Allow hosts other than this one. Measure only what is yours.")
    private boolean remote;

    /** For picocli, which sets the options. */
    public BenchCommand() {}

    /** Runs, and prints what was found. */
    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (Interruption _ = new Interruption()) {
            BenchResult result;
            try (ProgressLine progress = new ProgressLine(err, isTerminal())) {
                result = Bench.run(settings(), progress);
            }
            if (json) {
                out.println(result.json());
            } else {
                ResultTable.of(result).forEach(out::println);
            }
            out.flush();
            return result.isClean() ? ExitCode.OK : ExitCode.SOFTWARE;
        } catch (IOException e) {
            err.println("sse-hub: " + e.getMessage());
            return ExitCode.SOFTWARE;
        } catch (InterruptedException e) {
            return ExitCode.SOFTWARE; // there is nothing to tell yet
        }
    }

    private static boolean isTerminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    private BenchSettings settings() throws UnknownHostException {
        try {
            refuseWithoutPublish("--rate", "--size", "--publish-body", "--publish-type");
            Target target = Target.of(url, remote);
            BenchSettings.Publishing publishing = publishUrl == null
                    ? null
                    : new BenchSettings.Publishing(Target.of(publishUrl, remote), rate, size, publishBody, publishType);
            return new BenchSettings(target, subscribers, slow, topics, ramp, threads, parse(headers), duration, publishing,
                    pid == null ? null : new ServerProcess(pid));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private void refuseWithoutPublish(String... options) {
        for (String option : options) {
            if (publishUrl == null && spec.commandLine().getParseResult().hasMatchedOption(option)) {
                throw new IllegalArgumentException(option + " needs --publish: without it, nothing is published");
            }
        }
    }

    private static Map<String, String> parse(List<String> headers) {
        Map<String, String> parsed = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String header : headers) {
            Matcher matcher = HEADER.matcher(header);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("--header is '" + header + "'; allowed is a name, a colon and a value");
            }
            parsed.put(matcher.group(1), matcher.group(2));
        }
        return parsed;
    }
}
