package dev.ssehub.event;

import module java.base;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** From text to frame, which is done once for each event. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EncodingBenchmark {
    @Param({"100", "10000"})
    public int size;
    @Param({"1", "100"})
    public int lines;
    private String data;

    @Setup
    public void makeData() {
        data = ("x".repeat(size / lines) + "\n").repeat(lines).strip();
    }

    @Benchmark
    public byte[] event() {
        return EventEncoder.event("1795355311271-0", "order", data);
    }
}
