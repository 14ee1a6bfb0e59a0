// One request to the hub: to read a stream to its end, to renew its token, or to publish. Each throws a HubError where the hub
// refuses, or is not heard.

import { FrameDecoder } from './frames.js';

const REASON_LENGTH = 500; // what answers in the hub's place may answer anything
const OPENING_MS = 30_000; // so long may an answer take
const SILENT_INTERVALS = 2; // so many signs of life may fail to come
const LENIENCE_MS = 3_000; // and they may be so late
const CHECK_MS = 1_000;
const END = 'end'; // the hub's last word, where the stream was not to go on

/** What the hub, or whatever is in its place, has answered instead of what was asked for. */
export class HubError extends Error {
  /** The HTTP status; 0 if nobody could be reached. */
  status;
  /** How many milliseconds it wants to be left alone, or null. */
  retryAfter;
  /** Whether it would be refused again: the hub has said what is wrong with it, or it is too long for whoever is in between. */
  isFinal;

  constructor(status, message, retryAfter = null, isHubs = false) {
    super(message);
    this.name = 'HubError';
    this.status = status;
    this.retryAfter = retryAfter;
    this.isFinal = [414, 431].includes(status) || (isHubs && status >= 400 && status < 500 && ![408, 429].includes(status));
  }
}

/**
 * Reads an event stream until it ends, or has been silent for too long. It may be ended by the signal, and then throws what that says.
 *
 * @param listener { opened(heartbeatMs, hubsTime), bytes(), frame(frame) }: the time between two signs of life, or null where that is
 *   not said, and what time it is at the hub, NaN where that cannot be read; that something has come; and each frame
 */
export async function readStream(endpoint, selectors, parameters, signal, listener) {
  const request = new AbortController();
  const forward = () => request.abort(signal.reason);
  signal.addEventListener('abort', forward);
  let heard = performance.now(); // of a clock that nobody sets
  let longest = OPENING_MS;
  const watch = setInterval(() => {
    const silent = performance.now() - heard;
    if (silent > longest) {
      request.abort(new HubError(0, `nothing has come for ${Math.round(silent / 1000)} s`));
    }
  }, CHECK_MS);
  try {
    if (signal.aborted) {
      throw signal.reason;
    }
    const response = await open(endpoint, selectors, parameters, request.signal);
    const heartbeat = Number(response.headers.get('Heartbeat-Interval')) * 1000 || null;
    longest = heartbeat === null ? Infinity : SILENT_INTERVALS * heartbeat + LENIENCE_MS;
    listener.opened(heartbeat, Date.parse(response.headers.get('Date')));
    let lastComment = null;
    const decoder = new FrameDecoder((frame) => {
      throwIfRefused(frame);
      lastComment = frame.comment;
      listener.frame(frame);
    });
    const reader = response.body.getReader();
    for (let part = await read(reader, request.signal); !part.done; part = await read(reader, request.signal)) {
      heard = performance.now();
      listener.bytes();
      decoder.push(part.value);
    }
    if (parameters.live === false && lastComment !== END) {
      throw new HubError(0, 'the connection was lost');
    }
  } finally {
    clearInterval(watch);
    signal.removeEventListener('abort', forward);
  }
}

/** The hub speaks of the stream itself: nobody else may publish these types. */
function throwIfRefused({ type, data, retry }) {
  if (data !== null && (type === 'overload' || type === 'expired')) {
    throw new HubError(type === 'overload' ? 503 : 401, sentenceOf(data) ?? type, retry);
  }
}

function sentenceOf(data) {
  try {
    return JSON.parse(data).message;
  } catch {
    return null; // no hub's
  }
}

async function open(endpoint, selectors, parameters, signal) {
  const target = new URL(endpoint.url);
  selectors.forEach((selector) => target.searchParams.append('topic', selector));
  Object.entries({ explain: true, ...parameters }).forEach(([name, value]) => target.searchParams.set(name, value));
  const response = await ask(endpoint, target, { headers: { Accept: 'text/event-stream' }, cache: 'no-store', signal });
  await expect(response, 'text/event-stream', 'an event stream');
  return response;
}

async function read(reader, signal) {
  try {
    return await reader.read();
  } catch {
    throw signal.aborted ? signal.reason : new HubError(0, 'the connection was lost');
  }
}

/** Hands in the token with which this endpoint is asked, for the open stream of this name. */
export async function renew(endpoint, name, signal) {
  const target = new URL(endpoint.url);
  target.searchParams.set('stream', name);
  await ask(endpoint, target, { method: 'PUT', signal: AbortSignal.any([signal, AbortSignal.timeout(OPENING_MS)]) }, 204);
}

/** Publishes, and returns the id of the event. A field that is null, undefined or false is left out; topic may be several. */
export async function post(endpoint, fields) {
  if (typeof fields !== 'object' || fields === null) {
    throw new TypeError('publish(fields) takes an object such as { topic, data }, or the data of a form');
  }
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
  const response = await ask(endpoint, endpoint.url, { method: 'POST', body: form, signal: AbortSignal.timeout(OPENING_MS) });
  await expect(response, 'text/plain', 'the id of an event');
  return response.text();
}

/** What is in between, such as the page on which one signs in to a network, may answer 200 as well. */
async function expect(response, type, what) {
  if (!response.headers.get('Content-Type')?.startsWith(type)) {
    await response.body?.cancel();
    throw new HubError(response.status, `${new URL(response.url).host} answers with something else than ${what}`);
  }
}

async function ask(endpoint, url, options, expected = 200) {
  const headers = { ...options.headers, ...await endpoint.headers() };
  let response;
  try {
    response = await fetch(url, { redirect: 'error', credentials: endpoint.credentials, ...options, headers });
  } catch {
    const { aborted, reason } = options.signal;
    if (aborted && reason?.name !== 'TimeoutError') {
      throw reason;
    }
    throw new HubError(0, aborted ? `there was no answer for ${OPENING_MS / 1000} s` : unreachable(new URL(url)));
  }
  if (response.status !== expected) {
    throw await refusal(response);
  }
  return response;
}

/** A browser does not say which of the two it was. */
function unreachable({ host, origin }) {
  return origin === location.origin
    ? `${host} cannot be reached`
    : `${host} cannot be reached, or does not let pages of ${location.origin} use it (sse-hub.cors.allowed-origins)`;
}

async function refusal(response) {
  const isHubs = response.headers.get('Content-Type')?.startsWith('text/plain') ?? false;
  const sentence = isHubs ? (await response.text().catch(() => '')).trim().slice(0, REASON_LENGTH) : '';
  const seconds = Number(response.headers.get('Retry-After') ?? NaN);
  return new HubError(response.status, sentence || `the answer was ${response.status} ${response.statusText}`.trim(),
    Number.isFinite(seconds) ? seconds * 1000 : null, sentence !== '');
}
