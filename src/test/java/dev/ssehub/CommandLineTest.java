package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command line prints for correct and wrong arguments. {@code JarIT} runs it as a process. */
class CommandLineTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"--help|Usage: sse-hub", "token --help|Usage: sse-hub token",
            "bench --help|Usage: sse-hub bench", "health --help|Usage: sse-hub health"})
    void informs(String arguments, String start) {
        StringWriter out = new StringWriter();
        assertThat(execute(arguments, out, new StringWriter())).isZero();
        assertThat(out.toString()).startsWith(start);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"--config|2|Missing required parameter",
            "--no-such-option|2|Unknown option: '--no-such-option'; try --help", "no-such-command|2|Unmatched argument",
            "--stdin|2|Missing required parameter",
            "--stdin=|2|Invalid value for option '--stdin': the topic must not be empty; try --help",
            "--stdin *|2|Invalid value for option '--stdin': it must be the name of one topic, not * or a template",
            "--stdin a\u0001b|2|Invalid value for option '--stdin': the topic must not contain control characters",
            "--stdin /.well-known/mercure/x|2|Invalid value for option '--stdin': it must be the name of one topic, "
                    + "not * or a template, nor one of the hub's own, at or below /.well-known/mercure; try --help",
            "--config no-such-file.yaml|1|the configuration file no-such-file.yaml cannot be read: there is no such file",
            "--config target|1|the configuration file target cannot be read: it is a directory"})
    void refusesAMistakeWithOneLine(String arguments, int code, String start) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        assertThat(execute(arguments, out, err)).isEqualTo(code);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).startsWith("sse-hub: " + start).hasLineCount(1);
    }

    private static int execute(String arguments, StringWriter out, StringWriter err) {
        return Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments.split(" "));
    }
}
