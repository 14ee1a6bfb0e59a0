// Decodes an event stream as the WHATWG says (HTML 9.2.6), and tells all that EventSource keeps to itself: comments, events of
// any type, and the fields of the hub that it ignores. For each frame, its end being an empty line, onFrame is called with
//   { type, data, id, at, topics, selectors, retry, comment }
// where data is null if nothing is to be dispatched, id is the last that was seen, in this frame or one before, and at is the hub's
// own id for this place in the order of all events, or null if the frame has none.

const NEWLINE = /\r\n|\r|\n/g;

export class FrameDecoder {
  #onFrame;
  #utf8 = new TextDecoder();
  #partial = '';
  #afterCarriageReturn = false;
  #id = '';
  #frame = empty();

  constructor(onFrame) {
    this.#onFrame = onFrame;
  }

  /** Takes the next bytes, cut anywhere. What has no end yet waits for it, and is dropped if none comes. */
  push(bytes) {
    const text = this.#utf8.decode(bytes, { stream: true });
    let from = 0;
    if (this.#afterCarriageReturn && text !== '') {
      this.#afterCarriageReturn = false;
      from = text[0] === '\n' ? 1 : 0;
    }
    NEWLINE.lastIndex = from;
    const ends = [...text.matchAll(NEWLINE)];
    for (const end of ends) {
      const line = this.#partial + text.slice(from, end.index);
      this.#partial = '';
      from = end.index + end[0].length;
      this.#afterCarriageReturn = end[0] === '\r' && from === text.length;
      this.#line(line);
    }
    this.#partial += text.slice(from);
  }

  #line(line) {
    if (line === '') {
      this.#end();
      return;
    }
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    const frame = this.#frame;
    switch (name) {
      case 'data':
        frame.data = frame.data === null ? value : `${frame.data}\n${value}`;
        break;
      case 'event':
        frame.type = value;
        break;
      case 'id':
        if (!value.includes('\0')) {
          this.#id = value;
          frame.newId = value;
        }
        break;
      case 'retry':
        if (/^[0-9]+$/.test(value)) {
          frame.retry = Number(value);
        }
        break;
      case 'at':
        frame.at = value;
        break;
      case 'topic':
        frame.topics.push(value);
        break;
      case 'selector':
        frame.selectors.push(value);
        break;
      case '':
        frame.comment = value;
        break;
      default: // what a later version of the hub may say
    }
  }

  #end() {
    const { newId, ...frame } = this.#frame;
    this.#frame = empty();
    // what is no event, or tells of a gap, has only an id, and that is one of the hub's
    this.#onFrame({ ...frame, type: frame.type || 'message', id: this.#id, at: frame.at ?? newId });
  }
}

function empty() {
  return { type: '', data: null, newId: null, at: null, topics: [], selectors: [], retry: null, comment: null };
}
