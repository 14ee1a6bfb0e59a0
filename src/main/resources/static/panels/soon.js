// Does something once before the next picture is drawn, however often it was asked for; in a hidden tab, after a while.

const HIDDEN_MS = 250;

export function soon(action) {
  let frame = null;
  let timer = null;
  const run = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = null;
    action();
  };
  return () => {
    if (frame === null) {
      frame = requestAnimationFrame(run);
      timer = setTimeout(run, HIDDEN_MS);
    }
  };
}
