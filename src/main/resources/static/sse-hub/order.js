// The hub's own ids, <epoch milliseconds>-<number>, give the order of the events.

const ID = /^(\d+)-(\d+)$/;

/** Returns whether the first id comes after the second; also true if one of them is not an id of the hub. */
export function isAfter(id, other) {
  const [a, b] = [ID.exec(id), ID.exec(other)];
  if (a === null || b === null) {
    return true;
  }
  const [time, otherTime] = [Number(a[1]), Number(b[1])];
  return time === otherTime ? Number(a[2]) > Number(b[2]) : time > otherTime;
}
