package dev.ssehub.stream;

import module java.base;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.common.buffers.BufferData;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ChunkTest {
    private final Chunk chunk = new Chunk();

    /** All chunks, large and small, use the same memory. */
    @Property
    void aReusedChunkContainsOnlyItsFrames(@ForAll @Size(max = 20) List<@IntRange(max = 70_000) Integer> sizes,
            @ForAll Random random) {
        List<Integer> all = new ArrayList<>(List.of(0, 1, 15, 16, 255, 256, 4095, 4096, 65_535, 65_536));
        all.addAll(sizes);
        for (int size : all) {
            byte[] content = new byte[size];
            random.nextBytes(content);
            int cut = size == 0 ? 0 : random.nextInt(size);
            byte[] first = Arrays.copyOf(content, cut);
            byte[] second = Arrays.copyOfRange(content, cut, size);

            BufferData data = chunk.of(List.of(first, second));

            byte[] written = new byte[data.available()];
            data.read(written);
            String line = Integer.toHexString(size) + "\r\n";
            assertThat(written).hasSize(line.length() + size + 2).startsWith(line.getBytes(US_ASCII)).endsWith('\r', '\n');
            assertThat(Arrays.copyOfRange(written, line.length(), line.length() + size)).isEqualTo(content);
        }
    }
}
