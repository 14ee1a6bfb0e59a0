// Draws parts of the page: each at most once per frame of the browser, however often that is requested, and only while it is in
// view. A part that is out of view is drawn when it comes into view, and a hidden tab is drawn when it is shown again.

const MARGIN = '100px'; // a part is drawn when it is this close to the view

const parts = new Map(); // the parts of each observed element
const due = new Set();
let frame = null;

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    parts.get(target).forEach((part) => part.show(isIntersecting));
  }
}, { rootMargin: MARGIN });

/**
 * Returns a function that requests the drawing of an element.
 *
 * @param draw may return a function, which is called after all parts are drawn: there, a position can be read without a layout
 *   of the page for each part
 */
export function drawing(element, draw) {
  const part = new Part(draw);
  parts.set(element, [...parts.get(element) ?? [], part]);
  observer.observe(element);
  return () => part.request();
}

class Part {
  #draw;
  #inView = false;
  #requested = false;

  constructor(draw) {
    this.#draw = draw;
  }

  request() {
    this.#requested = true;
    if (this.#inView) {
      due.add(this);
      frame ??= requestAnimationFrame(drawAll);
    }
  }

  show(inView) {
    this.#inView = inView;
    if (!inView) {
      due.delete(this);
    } else if (this.#requested) {
      this.request();
    }
  }

  draw() {
    this.#requested = false;
    return this.#draw();
  }
}

function drawAll() {
  frame = null;
  const drawn = [...due];
  due.clear();
  drawn.map((part) => attempt(() => part.draw())).forEach((after) => attempt(after));
}

/** An error in one part must not keep the other parts from being drawn. */
function attempt(action) {
  try {
    return action?.();
  } catch (error) {
    reportError(error);
    return undefined;
  }
}
