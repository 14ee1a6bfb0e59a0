package dev.ssehub;

import module java.base;
import dev.ssehub.auth.Authorizer;
import dev.ssehub.auth.KeysUnavailableException;
import dev.ssehub.config.HubConfig;
import dev.ssehub.config.StartupException;
import dev.ssehub.history.database.FileCheck;
import dev.ssehub.redis.Redis;
import dev.ssehub.server.Addresses;
import dev.ssehub.tls.TlsContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Checks everything that a start needs, without starting: a hub with this configuration may be running. */
@Command(name = "check", mixinStandardHelpOptions = true, //
        description = {"Check this configuration without starting the hub: file, values, keys, certificates, addresses, Redis.",
                "Prints the effective configuration as a configuration file, without secrets, and where each value comes from.",
                "A port that is taken is no mistake. The exit code is 0 if a hub could start, otherwise 1."})
@SuppressWarnings("NullAway.Init") // the field is set from the command line
final class CheckCommand implements Callable<Integer> {
    private final Supplier<HubConfig> config;

    @Spec
    private CommandSpec spec;

    /** What the operator must or should correct. */
    private record Findings(List<String> mistakes, List<String> warnings) {}

    private interface Check {
        void run() throws IOException;
    }

    CheckCommand(Supplier<HubConfig> config) {
        this.config = config;
    }

    /** Prints the configuration, the mistakes and the warnings. */
    @Override
    public Integer call() {
        HubConfig hub = config.get();
        hub.reader().settings().forEach(setting -> spec.commandLine().getOut()
                .println(setting.key() + ": " + setting.text() + "  # " + setting.source()));
        Findings findings = check(hub);
        PrintWriter err = spec.commandLine().getErr();
        findings.warnings().forEach(warning -> err.println("sse-hub: warning: " + warning));
        findings.mistakes().forEach(mistake -> err.println("sse-hub: " + mistake));
        if (!findings.mistakes().isEmpty()) {
            return ExitCode.SOFTWARE;
        }
        err.println("sse-hub: the configuration is valid");
        return ExitCode.OK;
    }

    private static Findings check(HubConfig hub) {
        Findings findings = new Findings(new ArrayList<>(), new ArrayList<>(hub.warnings()));
        List<Check> checks = List.of(() -> Addresses.check(hub.server()), () -> checkCertificate(hub, findings),
                () -> checkKeys(hub, findings), () -> checkFiles(hub, findings),
                () -> checkRedis(hub, findings));
        for (Check check : checks) {
            try {
                check.run();
            } catch (IOException e) {
                findings.mistakes().add(hub.reader().locate(e.getMessage()));
            } catch (StartupException e) {
                findings.mistakes().add(String.valueOf(e.getMessage()));
            }
        }
        return findings;
    }

    private static void checkCertificate(HubConfig hub, Findings findings) throws IOException {
        if (hub.server().tls().isPresent()) {
            TlsContext tls = TlsContext.Source.read(hub.server().tls().get()).load();
            tls.doubt(Instant.now()).ifPresent(findings.warnings()::add);
        }
    }

    /** The keys at a URL need not be available when the hub starts. */
    private static void checkKeys(HubConfig hub, Findings findings) {
        try (Authorizer authorizer = LiveConfig.open(hub, Clock.systemUTC())) {
            authorizer.fetchKeys();
        } catch (KeysUnavailableException e) {
            findings.warnings().add(String.valueOf(e.getMessage()));
        }
    }

    private static void checkFiles(HubConfig hub, Findings findings) throws IOException {
        if (hub.feeds().log().enabled() && !Files.isReadable(hub.feeds().logFile())) {
            findings.warnings().add("the file " + hub.feeds().logFile() + " cannot be read; the feed log waits for it");
        }
        if (hub.historyFile().isPresent()) {
            FileCheck.check(hub.historyFile().get().path());
        }
    }

    private static void checkRedis(HubConfig hub, Findings findings) {
        if (hub.redis().isPresent()) {
            try (Redis redis = ClusterConnection.redis(hub)) {
                redis.problem().ifPresent(problem -> {
                    throw new StartupException("Redis cannot be used: " + problem);
                });
                redis.doubt().ifPresent(findings.warnings()::add);
            }
        }
    }
}
