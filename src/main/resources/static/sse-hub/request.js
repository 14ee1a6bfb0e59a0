// The requests to the hub: reading a stream to its end, renewing its token, and publishing. Each throws a HubError if the hub
// refuses the request or cannot be reached.

import { FrameDecoder } from './frames.js';

const REASON_LENGTH = 500; // a proxy may answer with text of any length
const TIMEOUT_MS = 30_000;
const MAX_SILENT_INTERVALS = 2; // a stream without data for longer counts as dead
const HEARTBEAT_TOLERANCE_MS = 3_000;
const CHECK_MS = 1_000;
const END = 'end'; // the comment that ends a complete response to live=false

/** The failure of a request: the hub or a proxy refused it, or there was no answer. */
export class HubError extends Error {
  /** The HTTP status, or 0 if there was no answer. */
  status;
  /** How long to wait before the next attempt, in milliseconds, or null if the answer does not say. */
  retryAfter;
  /** Whether the same request would be refused again: the hub has found it invalid, or it is too long for the hub or a proxy. */
  isFinal;

  constructor(status, message, retryAfter = null, fromHub = false) {
    super(message);
    this.name = 'HubError';
    this.status = status;
    this.retryAfter = retryAfter;
    this.isFinal = [414, 431].includes(status) || (fromHub && status >= 400 && status < 500 && ![408, 429].includes(status));
  }
}

/**
 * Reads an event stream until it ends. Throws a HubError if it is silent for too long, or the signal's reason if aborted.
 *
 * @param listener { opened(heartbeatMs, hubTime), bytes(), frame(frame) }: opened receives the hub's heartbeat interval, or
 *   null if it is unknown, and the hub's time in epoch milliseconds, or NaN; bytes is called whenever data arrives
 */
export async function readStream(endpoint, selectors, parameters, signal, listener) {
  const request = new AbortController();
  const forward = () => request.abort(signal.reason);
  signal.addEventListener('abort', forward);
  let lastData = performance.now(); // unlike Date.now(), not affected when the clock is set
  let longest = TIMEOUT_MS;
  const watch = setInterval(() => {
    const silent = performance.now() - lastData;
    if (silent > longest) {
      request.abort(new HubError(0, `nothing was received for ${Math.round(silent / 1000)} s`));
    }
  }, CHECK_MS);
  try {
    if (signal.aborted) {
      throw signal.reason;
    }
    const response = await open(endpoint, selectors, parameters, request.signal);
    const heartbeat = Number(response.headers.get('Heartbeat-Interval')) * 1000 || null;
    longest = heartbeat === null ? Infinity : MAX_SILENT_INTERVALS * heartbeat + HEARTBEAT_TOLERANCE_MS;
    listener.opened(heartbeat, Date.parse(response.headers.get('Date')));
    let lastComment = null;
    const decoder = new FrameDecoder((frame) => {
      throwIfRefused(frame);
      lastComment = frame.comment;
      listener.frame(frame);
    });
    const reader = response.body.getReader();
    for (let part = await read(reader, request.signal); !part.done; part = await read(reader, request.signal)) {
      lastData = performance.now();
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

/** Throws if the event is the hub's reason for ending the stream. Publishers cannot use these types. */
function throwIfRefused({ type, data, retry }) {
  if (data !== null && (type === 'overload' || type === 'expired')) {
    throw new HubError(type === 'overload' ? 503 : 401, sentenceOf(data) ?? type, retry);
  }
}

function sentenceOf(data) {
  try {
    return JSON.parse(data).message;
  } catch {
    return null; // not sent by an sse-hub
  }
}

async function open(endpoint, selectors, parameters, signal) {
  const target = new URL(endpoint.url);
  selectors.forEach((selector) => target.searchParams.append('topic', selector));
  Object.entries({ explain: true, checkpoints: true, ...parameters }).forEach(([name, value]) => target.searchParams.set(name, value));
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

/** Replaces the token of the open stream that has this name by the endpoint's token. */
export async function renew(endpoint, name, signal) {
  const target = new URL(endpoint.url);
  target.searchParams.set('streamName', name);
  await ask(endpoint, target, { method: 'PUT', signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) }, 204);
}

/** Publishes an event and returns its id. A field that is null, undefined or false is left out; an array sends several fields. */
export async function post(endpoint, fields) {
  if (typeof fields !== 'object' || fields === null) {
    throw new TypeError('publish(fields) takes an object such as { topic, data }, a FormData or a URLSearchParams');
  }
  const form = new URLSearchParams();
  for (const [name, value] of Symbol.iterator in fields ? fields : Object.entries(fields)) {
    for (const single of Array.isArray(value) ? value : [value]) {
      if (typeof single === 'object' && single !== null) {
        throw new TypeError(`the field ${name} takes text: convert an object with JSON.stringify`);
      }
      if (single !== null && single !== undefined && single !== false) {
        form.append(name, single);
      }
    }
  }
  const response = await ask(endpoint, endpoint.url, { method: 'POST', body: form, signal: AbortSignal.timeout(TIMEOUT_MS) });
  await expect(response, 'text/plain', 'an event id');
  return response.text();
}

/** Throws if another server has answered 200 in place of the hub, such as the sign-in page of a network. */
async function expect(response, type, what) {
  if (!response.headers.get('Content-Type')?.startsWith(type)) {
    await response.body?.cancel();
    throw new HubError(response.status, `${new URL(response.url).host} did not answer with ${what}`);
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
    throw new HubError(0, aborted ? `there was no answer within ${TIMEOUT_MS / 1000} s` : unreachable(new URL(url)));
  }
  if (response.status !== expected) {
    throw await refusal(response);
  }
  return response;
}

/** For a hub of another origin, the browser does not tell whether it is unreachable or refuses the page's origin. */
function unreachable({ host, origin }) {
  return origin === location.origin
    ? `${host} cannot be reached`
    : `${host} cannot be reached, or does not let pages of ${location.origin} use it (sse-hub.cors.allowed-origins)`;
}

async function refusal(response) {
  const fromHub = response.headers.get('Content-Type')?.startsWith('text/plain') ?? false;
  const sentence = fromHub ? (await response.text().catch(() => '')).trim().slice(0, REASON_LENGTH) : '';
  const seconds = Number(response.headers.get('Retry-After') ?? NaN);
  return new HubError(response.status, sentence || `the answer was ${response.status} ${response.statusText}`.trim(),
    Number.isFinite(seconds) ? seconds * 1000 : null, sentence !== '');
}
