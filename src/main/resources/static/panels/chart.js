// A line chart of percentages over the last minutes. It adapts to its container's width and to the colour scheme, and leaves a
// gap where there is no value.

// without its library, the page has no lines, but everything else
const uPlot = await import('../uplot/uPlot.esm.js').then((module) => module.default, (error) => {
  reportError(error);
  return null;
});

const HEIGHT = 130;
const STEP = 60; // seconds between two grid lines

const scheme = matchMedia('(prefers-color-scheme: dark)');

// A function, so that uPlot reads the colour again when the colour scheme changes.
const colour = (name) => () => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export class Chart {
  #plot = null;
  #end = 0;

  // hovered is called with the index of the sample under the pointer, or null
  constructor(container, span, hovered) {
    if (uPlot === null) {
      container.textContent = 'This browser cannot draw the chart.';
      return;
    }
    const axis = {
      stroke: colour('--faint'),
      font: `11px ${getComputedStyle(document.body).fontFamily}`,
      ticks: { show: false },
      grid: { stroke: colour('--grid'), width: 1 },
    };
    const line = (name) => ({ stroke: colour(name), width: 1.5, points: { show: false } });
    this.#plot = new uPlot({
      width: Math.max(1, container.clientWidth),
      height: HEIGHT,
      padding: [8, 14, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'system' }, points: { size: 6 } },
      scales: { x: { time: false, range: () => [this.#end - span, this.#end] }, y: { range: [0, 100] } },
      axes: [
        {
          ...axis,
          size: 26,
          gap: 6,
          splits: () => Array.from({ length: span / STEP + 1 }, (_, i) => this.#end - span + i * STEP),
          values: (_, splits) => splits.map((at) => at === this.#end ? 'now' : `${Math.round((at - this.#end) / 60)} min`.replace('-', '\u2212')),
        },
        { ...axis, size: 46, gap: 6, splits: () => [0, 50, 100], values: (_, splits) => splits.map((share) => `${share} %`) },
      ],
      series: [{}, { ...line('--series-1'), fill: colour('--series-1-fill') }, line('--series-2')],
      hooks: { setCursor: [({ cursor }) => hovered(cursor.left >= 0 ? cursor.idx : null)] },
    }, [[], [], []], container);
    new ResizeObserver(() => this.#plot.setSize({ width: Math.max(1, container.clientWidth), height: HEIGHT })).observe(container);
    scheme.addEventListener('change', () => this.#plot.redraw(false));
  }

  // rows: an array of times in seconds, and an array of percentages for each line
  show(rows) {
    this.#end = rows[0].at(-1) ?? 0;
    this.#plot?.setData(rows);
  }
}
