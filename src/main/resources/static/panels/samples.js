// The samples of the last minutes, in the order of their time. Where one is missing, the rows have a hole.

const MOST = 1_000;
const HOLE = 2.5; // times the usual distance

export class Samples {
  #span;
  #samples = [];

  // span: seconds
  constructor(span) {
    this.#span = span;
  }

  // sample: {time: epoch ms, ...}; one from before those that are here means that the clock was set back
  add(sample) {
    this.#samples = this.#samples.filter(({ time }) => time < sample.time && time >= sample.time - this.#span * 1000).slice(1 - MOST);
    this.#samples.push(sample);
  }

  // Rows as uPlot takes them: the times in seconds, and for each reader what it reads from a sample; and the samples beside.
  rows(...readers) {
    const usual = this.#usualDistance();
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
      if (before && sample.time - before.time > HOLE * usual) {
        put(before.time + 1, null);
      }
      put(sample.time, sample);
    });
    return { rows: [times, ...values], samples };
  }

  #usualDistance() {
    const distances = this.#samples.slice(1).map(({ time }, i) => time - this.#samples[i].time).sort((a, b) => a - b);
    return distances[distances.length >> 1] ?? Infinity;
  }
}
