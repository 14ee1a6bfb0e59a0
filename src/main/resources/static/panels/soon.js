// Runs an action once before the next repaint, however often it is requested. A hidden tab is not repainted: there, a timer runs it.

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
