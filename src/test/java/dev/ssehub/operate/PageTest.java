package dev.ssehub.operate;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "0, 1", "0, 10", "5, 10", "150, 100", "990, 100", "2000, 10", "0, 5000"})
    void hasThePartThatSortingEverythingWouldHave(int offset, int limit) {
        List<Integer> items = IntStream.range(0, 1_000).boxed().collect(Collectors.toCollection(ArrayList::new));
        for (int seed = 0; seed < 20; seed++) {
            Collections.shuffle(items, new Random(seed));
            Page<Integer> page = new Page<>(Comparator.naturalOrder(), offset, limit);
            items.forEach(page::add);

            assertThat(page.items()).as("seed %d", seed)
                    .isEqualTo(items.stream().sorted().skip(offset).limit(limit).toList());
            assertThat(page.count()).isEqualTo(1_000);
        }
    }
}
