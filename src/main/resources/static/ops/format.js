// Numbers, times and words as people read them.

const NUMBER = new Intl.NumberFormat('en-GB');
const TIME = new Intl.DateTimeFormat('en-GB', {
  day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit',
});
const UNITS = [['d', 86_400], ['h', 3_600], ['min', 60]];
const SIZES = ['bytes', 'KB', 'MB', 'GB', 'TB'];

export function count(number) {
  return NUMBER.format(number);
}

export function counted(number, one, many) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** A duration in its two greatest units. */
export function duration(seconds) {
  const at = UNITS.findIndex(([, size]) => seconds >= size);
  if (at < 0) {
    return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
  }
  const [name, size] = UNITS[at];
  const [next, nextSize] = UNITS[at + 1] ?? ['s', 1];
  const rest = Math.floor((seconds % size) / nextSize);
  return `${count(Math.floor(seconds / size))} ${name}${rest > 0 ? ` ${rest} ${next}` : ''}`;
}

export function bytes(number) {
  let size = number;
  let unit = 0;
  while (size >= 999.5 && unit < SIZES.length - 1) {
    size /= 1_000;
    unit++;
  }
  return `${unit === 0 || size >= 99.5 ? Math.round(size) : Number(size.toPrecision(2))} ${SIZES[unit]}`;
}

export function time(text) {
  return TIME.format(new Date(text));
}

/** A word of the hub, such as catching-up. */
export function words(text) {
  return text.replaceAll('-', ' ');
}
