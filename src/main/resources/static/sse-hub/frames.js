// Decodes an event stream (WHATWG HTML 9.2.6), including what EventSource hides: comments, events of any type, and the hub's
// additional fields. At the empty line that ends a frame, the decoder calls frame with
//   { type, data, id, at, topics, selectors, retry, end }
// data: the data of the event, or null if the frame is not an event
// id: the last id received, in this frame or an earlier one
// at: the hub's own id of this position in the order of all events, or null if the frame has none
// end: whether the event ends its topics
// A comment and a reconnection time take effect at the end of their line, because the hub may send no empty line after them.

const NEWLINE = /\r\n|\r|\n/g;

export class FrameDecoder {
  #listener;
  #utf8 = new TextDecoder();
  #partial = '';
  #afterCarriageReturn = false;
  #id = '';
  #frame = empty();

  /** @param listener { frame(frame), comment(text), retry(milliseconds) } */
  constructor(listener) {
    this.#listener = listener;
  }

  /** Decodes the next bytes, which may be split anywhere. A frame that is still incomplete waits for its remaining bytes. */
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
          this.#listener.retry(frame.retry);
        }
        break;
      case 'at':
        frame.at = value;
        break;
      case 'topic':
        frame.topics.push(value);
        break;
      case 'end':
        frame.end = true;
        break;
      case 'selector':
        frame.selectors.push(value);
        break;
      case '':
        this.#listener.comment(value);
        break;
      default: // a field of a later version of the hub
    }
  }

  #end() {
    const { newId, ...frame } = this.#frame;
    this.#frame = empty();
    // gaps, and frames that are not events, have no field `at`: their id is the hub's own
    this.#listener.frame({ ...frame, type: frame.type || 'message', id: this.#id, at: frame.at ?? newId });
  }
}

function empty() {
  return { type: '', data: null, newId: null, at: null, topics: [], selectors: [], retry: null, end: false };
}
