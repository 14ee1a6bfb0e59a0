// Brings text from events into the page: always as text and never as markup, and limited in length.

const SHOWN = 20_000; // characters of one event, followed by the number of those that are left out

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
  return text.length <= shown ? text : `${copy(start(text, shown))} … (and ${text.length - shown} more characters)`;
}

// For names: the end is cut off without a count.
export function shorten(text, shown) {
  return text.length <= shown ? text : `${start(text, shown)}…`;
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** The local time of the reader, in the format of the server's clock. */
export function clock(date) {
  return CLOCK.format(date);
}

// Does not cut a surrogate pair in two.
function start(text, length) {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}

// A part of a text keeps the whole text in memory, and rows may wait for long until they are in view.
function copy(text) {
  return JSON.parse(JSON.stringify(text));
}

// The list item for a gap: the hub no longer holds some of the events that were missed.
export function gap(what) {
  return element('li', 'gap', `${what} may be missing here: the hub no longer has them`);
}
