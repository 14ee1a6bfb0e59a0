// The hub's own ids, <epoch milliseconds>-<number>, say which of two events comes first.

const ID = /^(\d+)-(\d+)$/;

/** Whether the place with the first id is after that with the second. What is no id of the hub's is taken for later. */
export function isAfter(id, other) {
  const [a, b] = [ID.exec(id), ID.exec(other)];
  if (a === null || b === null) {
    return true;
  }
  const [time, otherTime] = [Number(a[1]), Number(b[1])];
  return time === otherTime ? Number(a[2]) > Number(b[2]) : time > otherTime;
}
