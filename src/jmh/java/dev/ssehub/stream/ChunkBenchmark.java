package dev.ssehub.stream;

import module java.base;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.helidon.common.buffers.BufferData;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Frames of 117 bytes joined to what leaves in one write. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ChunkBenchmark {
    @Param({"1", "10", "100"})
    public int frames;
    private final Chunk chunk = new Chunk();
    private List<byte[]> joined;

    @Setup
    public void makeFrames() {
        joined = Collections.nCopies(frames, ("data: " + "x".repeat(109) + "\n\n").getBytes(US_ASCII));
    }

    @Benchmark
    public BufferData join() {
        return chunk.of(joined);
    }
}
