// The samples of the last minutes, ordered by time. Where samples are missing, the rows have a null.

const KEPT = 1_000;
const GAP_FACTOR = 2.5; // two samples have a gap between them if they are more than this many usual intervals apart

export class Samples {
  #span;
  #samples = [];

  constructor(spanSeconds) {
    this.#span = spanSeconds * 1000;
  }

  // sample: { time: epoch milliseconds, ... }. If the clock was set back, samples that are later than the new one are dropped.
  add(sample) {
    this.#samples = this.#samples.filter(({ time }) => time < sample.time && time >= sample.time - this.#span).slice(1 - KEPT);
    this.#samples.push(sample);
  }

  // Returns the rows for uPlot (the times in seconds, and the values of each reader), and the sample of each entry.
  rows(...readers) {
    const usual = this.#usualInterval();
    const times = [];
    const values = readers.map(() => []);
    const samples = [];
    const put = (time, sample) => {
      times.push(time / 1000);
      values.forEach((row, i) => row.push(sample ? readers[i](sample) : null));
      samples.push(sample);
    };
    this.#samples.forEach((sample, i) => {
      const before = this.#samples[i - 1];
      if (before && sample.time - before.time > GAP_FACTOR * usual) {
        put(before.time + 1, null);
      }
      put(sample.time, sample);
    });
    return { rows: [times, ...values], samples };
  }

  #usualInterval() {
    const intervals = this.#samples.slice(1).map(({ time }, i) => time - this.#samples[i].time).sort((a, b) => a - b);
    return intervals[intervals.length >> 1] ?? Infinity;
  }
}
