// Shows the load of the machine and of the hub's process: charts of the last five minutes, and the current values as text.

import { Chart } from './chart.js';
import { drawing } from './drawing.js';
import { Samples } from './samples.js';
import { notice, subscribe } from './subscribing.js';

const SPAN = 300; // seconds
const MAX_LENGTH = 10_000; // of a sample, in characters
const NONE = '–';

const cpuOfMachine = ({ cpu }) => share(cpu?.system, 1);
const cpuOfProcess = ({ cpu }) => share(cpu?.process, 1);
const memory = ({ memory: m }) => share(m?.used, m?.total);
const heap = ({ heap: h }) => share(h?.used, h?.max);

export function showSystem(hub, topic) {
  const section = document.getElementById('system');
  if (topic === null) {
    notice(section, 'This hub does not publish system values. Set sse-hub.feeds.system.enabled to true to turn them on.');
    section.querySelector('.system').hidden = true;
    return;
  }
  const samples = new Samples(SPAN);
  const charts = [chart('cpu', cpuOfMachine, cpuOfProcess), chart('memory', memory, heap)];
  let newest = null;
  const draw = drawing(section, () => {
    charts.forEach((show) => show(samples));
    showValues(newest);
  });
  subscribe(hub, section, [topic], ({ type, data }) => {
    const sample = type === 'system' ? parse(data) : null;
    if (sample) {
      samples.add(sample);
      newest = sample;
      draw();
    }
  }, { since: 'earliest' });
}

function parse(data) {
  try {
    const sample = data.length <= MAX_LENGTH ? JSON.parse(data) : null;
    return Number.isFinite(sample?.time) ? sample : null;
  } catch {
    return null; // not JSON, so not published by the feed
  }
}

// Creates a chart of two lines. The values under the pointer are shown beside its title.
function chart(name, first, second) {
  const at = document.getElementById(`${name}-at`);
  let shown = [];
  const drawn = new Chart(document.getElementById(`${name}-chart`), SPAN, (i) => {
    const sample = i === null ? null : shown[i];
    at.textContent = sample ? `${ago(shown.at(-1).time - sample.time)}: ${percent(first(sample))} · ${percent(second(sample))}`
      : shown.length === 0 ? 'no samples yet' : '';
  });
  return (samples) => {
    const { rows, samples: perRow } = samples.rows(first, second);
    if (shown.length === 0) {
      at.textContent = '';
    }
    shown = perRow;
    drawn.show(rows);
  };
}

function showValues(sample) {
  const cores = number(sample.cores, 0);
  const values = {
    'cpu-system': percent(cpuOfMachine(sample)),
    'cpu-process': percent(cpuOfProcess(sample)),
    memory: bytes(sample.memory?.used, sample.memory?.total),
    heap: bytes(sample.heap?.used, sample.heap?.max),
    load: number(sample.load, 2) + (cores === NONE ? '' : `, ${cores} ${cores === '1' ? 'core' : 'cores'}`),
    threads: number(sample.threads, 0),
    subscribers: number(sample.subscribers, 0),
    events: number(sample.eventsPerSecond, 1),
  };
  for (const [name, text] of Object.entries(values)) {
    document.querySelector(`[data-value="${name}"]`).textContent = text;
  }
}

// Other publishers may send to this topic as well, so a number may have too many digits to show.
function isSane(value) {
  return Number.isFinite(value) && Math.abs(value) < 1e16;
}

function share(part, whole) {
  return Number.isFinite(part) && whole > 0 ? Math.min(100, Math.max(0, part / whole * 100)) : null;
}

function percent(value) {
  return value === null ? NONE : `${value.toFixed(1)} %`;
}

function number(value, digits) {
  return isSane(value) ? value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }) : NONE;
}

// Both values use the unit that suits the larger one.
function bytes(used, whole) {
  if (!isSane(used)) {
    return NONE;
  }
  const [unit, size] = (whole ?? used) >= 2 ** 30 ? ['GiB', 2 ** 30] : ['MiB', 2 ** 20];
  const amount = (value) => (value / size).toFixed(size === 2 ** 30 ? 1 : 0);
  return isSane(whole) ? `${amount(used)} of ${amount(whole)} ${unit}` : `${amount(used)} ${unit}`;
}

function ago(ms) {
  const seconds = Math.round(ms / 1000);
  return seconds === 0 ? 'now' : seconds < 60 ? `${seconds} s ago` : `${Math.floor(seconds / 60)} min ${seconds % 60} s ago`;
}
