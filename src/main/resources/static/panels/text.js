// Text from events on its way into the page: as text, never as markup, and never without an end.

const SHOWN = 20_000; // characters of one event; the rest is counted

export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) {
    made.className = className;
  }
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

export function clip(text, shown = SHOWN) {
  return text.length <= shown ? text : `${start(text, shown)} … (and ${text.length - shown} more characters)`;
}

// For a name, which just ends.
export function shorten(text, shown) {
  return text.length <= shown ? text : `${start(text, shown)}…`;
}

// No character outside of the basic plane is cut in two.
function start(text, length) {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}

// What the hub says in place of what it no longer has.
export function gap(what) {
  return element('li', 'gap', `${what} may be missing here: the hub no longer has them`);
}
