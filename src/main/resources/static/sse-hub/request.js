// One request to the hub: to read a stream to its end, or to publish. Both throw a HubError where the hub refuses.

import { FrameDecoder } from './frames.js';

const REASON_LENGTH = 500; // what answers in the hub's place may answer anything

/** What the hub, or whatever is in its place, has answered instead of what was asked for. */
export class HubError extends Error {
  /** The HTTP status; 0 if nobody could be reached. */
  status;
  /** How many milliseconds it wants to be left alone, or null. */
  retryAfter;

  constructor(status, message, retryAfter = null) {
    super(message);
    this.name = 'HubError';
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether it would say the same again. */
  get isFinal() {
    return this.status >= 400 && this.status < 500 && ![408, 429].includes(this.status);
  }
}

/**
 * Reads an event stream until it ends. It may be ended by the signal, and then throws what that says.
 *
 * @param onOpen called with the seconds between two signs of life, or null where that is not said
 * @param onFrame called for each frame
 */
export async function readStream(url, selectors, parameters, signal, onOpen, onFrame) {
  const target = new URL(url);
  selectors.forEach((selector) => target.searchParams.append('topic', selector));
  Object.entries({ explain: true, ...parameters }).forEach(([name, value]) => target.searchParams.set(name, value));
  const response = await ask(target, { headers: { Accept: 'text/event-stream' }, cache: 'no-store', signal });
  if (!response.headers.get('Content-Type')?.startsWith('text/event-stream')) {
    await response.body?.cancel();
    throw new HubError(response.status, `${target.host} answers with something else than an event stream`);
  }
  onOpen(Number(response.headers.get('Heartbeat-Interval')) || null);
  const decoder = new FrameDecoder(onFrame);
  const reader = response.body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      decoder.push(part.value);
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : new HubError(0, 'the connection was lost');
  }
}

/** Publishes, and returns the id of the event. A field that is null, undefined or false is left out; topic may be several. */
export async function post(url, fields) {
  const form = new URLSearchParams();
  for (const [name, value] of Symbol.iterator in fields ? fields : Object.entries(fields)) {
    for (const single of Array.isArray(value) ? value : [value]) {
      if (typeof single === 'object' && single !== null) {
        throw new TypeError(`the field ${name} takes text: JSON.stringify makes it of an object`);
      }
      if (single !== null && single !== undefined && single !== false) {
        form.append(name, single);
      }
    }
  }
  return (await ask(url, { method: 'POST', body: form })).text();
}

async function ask(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    throw options.signal?.aborted ? options.signal.reason : new HubError(0, `${new URL(url).host} cannot be reached`);
  }
  if (response.status !== 200) {
    throw new HubError(response.status, await reason(response), retryAfter(response));
  }
  return response;
}

async function reason(response) {
  const type = response.headers.get('Content-Type') ?? '';
  const text = type.startsWith('text/plain') ? (await response.text().catch(() => '')).trim() : '';
  return text.slice(0, REASON_LENGTH) || `the answer was ${response.status} ${response.statusText}`.trim();
}

function retryAfter(response) {
  const seconds = Number(response.headers.get('Retry-After') ?? NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : null;
}
