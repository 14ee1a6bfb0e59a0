package dev.ssehub.bench;

import module java.base;
import dev.ssehub.bench.load.LoadSettings;
import dev.ssehub.bench.load.ServerProcess;
import dev.ssehub.bench.load.Target;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code bench}. Exits with 0 after a clean run, 1 after a failed or unclean run, 2 if the command line is wrong. */
@Command(name = "bench", mixinStandardHelpOptions = true, //
        description = "Measures an SSE server: opens many streams, publishes events, and counts what arrives and when.")
@SuppressWarnings("NullAway.Init") // the fields are set from the command line
public final class BenchCommand implements Callable<Integer> {
    private static final String DEFAULT = " (default: ${DEFAULT-VALUE}).";
    private static final Pattern HEADER = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(\\P{Cntrl}*)");

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "URL", description = "The URL of the stream. {topic} in it is replaced, see --topics.")
    private String url;

    @Option(names = "--subscribers", paramLabel = "N", defaultValue = "100", description = "How many streams to open" + DEFAULT)
    private int subscribers;

    @Option(names = "--publish", paramLabel = "URL", description = "Where to post events. Without it, nothing is published.")
    private @Nullable String publishUrl;

    @Option(names = "--rate", paramLabel = "N", defaultValue = "10", description = "Events per second" + DEFAULT)
    private double rate;

    @Option(names = "--size", paramLabel = "BYTES", defaultValue = "100", description = "Bytes of data in each event" + DEFAULT)
    private int size;

    @Option(names = "--duration", paramLabel = "TIME", defaultValue = "10s", //
            description = "How long to measure: 500ms, 10s, 2m, 1h, or ISO-8601" + DEFAULT)
    private Duration duration;

    @Option(names = "--publish-body", paramLabel = "TEXT", defaultValue = "topic=chat&data={data}", //
            description = "The body of each POST; {data} and {topic} are replaced" + DEFAULT)
    private String publishBody;

    @Option(names = "--publish-type", paramLabel = "TYPE", defaultValue = "application/x-www-form-urlencoded", //
            description = "The Content-Type of that body" + DEFAULT)
    private String publishType;

    @Option(names = "--header", paramLabel = "'NAME: VALUE'", description = "A header of every request; may be repeated.")
    private List<String> headers = List.of();

    @Option(names = "--topics", paramLabel = "N", defaultValue = "1", //
            description = "Spreads streams and events over N topics: {topic} is 0 to N - 1" + DEFAULT)
    private int topics;

    @Option(names = "--slow", paramLabel = "N", defaultValue = "0", //
            description = "How many of the streams are not read after the headers" + DEFAULT)
    private int slow;

    @Option(names = "--ramp", paramLabel = "N", defaultValue = "200", //
            description = "How many connections may wait for an answer while they are opened" + DEFAULT)
    private int ramp;

    @Option(names = "--threads", paramLabel = "N", description = "How many threads read (default: one for each core).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--pid", paramLabel = "PID", description = "Reports the CPU time and memory of the server's local process.")
    private @Nullable Long pid;

    @Option(names = "--json", description = "Prints the result as JSON.")
    private boolean json;

    @Option(names = "--remote", description = "Allows hosts other than this one. Measure only servers that are yours.")
    private boolean remote;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        boolean terminal = Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
        try (Interruption _ = new Interruption()) {
            BenchResult result;
            try (ProgressLine progress = new ProgressLine(err, terminal)) {
                result = Bench.run(settings(), progress);
            }
            (json ? List.of(result.json().toString()) : ResultTable.of(result)).forEach(out::println);
            out.flush();
            return result.isClean() ? ExitCode.OK : ExitCode.SOFTWARE;
        } catch (IOException e) {
            err.println("sse-hub: " + e.getMessage());
            return ExitCode.SOFTWARE;
        } catch (InterruptedException e) {
            return ExitCode.SOFTWARE; // there is no result yet
        }
    }

    private LoadSettings settings() throws UnknownHostException {
        try {
            for (String option : List.of("--rate", "--size", "--publish-body", "--publish-type")) {
                if (publishUrl == null && spec.commandLine().getParseResult().hasMatchedOption(option)) {
                    throw new IllegalArgumentException(option + " needs --publish: without it, nothing is published");
                }
            }
            Target target = Target.of(url, remote);
            LoadSettings.Publishing publishing = publishUrl == null
                    ? null
                    : new LoadSettings.Publishing(Target.of(publishUrl, remote), rate, size, publishBody, publishType);
            return new LoadSettings(target, subscribers, slow, topics, ramp, threads, parse(headers), duration, publishing,
                    pid == null ? null : new ServerProcess(pid));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private static Map<String, String> parse(List<String> headers) {
        Map<String, String> parsed = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String header : headers) {
            Matcher matcher = HEADER.matcher(header);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("--header is '" + header + "'; it must be a name, a colon and a value");
            }
            parsed.put(matcher.group(1), matcher.group(2));
        }
        return parsed;
    }
}
