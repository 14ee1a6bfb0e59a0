// The requests to the hub: reading a stream to its end, renewing its token, and publishing. Each throws a HubError if the hub
// refuses the request or cannot be reached.

import { FrameDecoder } from './frames.js';

const REASON_LENGTH = 500; // a publisher can choose what the sentence repeats
const TIMEOUT_MS = 30_000;
const MAX_SILENT_INTERVALS = 2; // a stream without data for longer counts as dead
const HEARTBEAT_TOLERANCE_MS = 3_000;
const ASSUMED_HEARTBEAT_MS = 30_000; // if a proxy has removed the header; twice the hub's default
const CHECK_MS = 1_000;
const END = 'end'; // the comment that ends a complete response to live=false, or a stream whose topics have ended
const MARK = 'Sse-Hub'; // a header of each answer of the hub
// such an answer comes from a proxy while the hub restarts, or from the sign-in page of a network
const FOREIGN = ', which did not come from the hub';
const HELD = ' after the hub has answered: a proxy may hold the stream back';
const TOO_LONG = [414, 431];
const LONG_URL = 2_000; // bytes; no server is known that refuses a shorter one for its length
const STREAM = { headers: { Accept: 'text/event-stream' }, cache: 'no-store' };
const OWN_ID = /^\d+-\d+$/;

/** The failure of a request: the hub or a proxy refused it, or there was no answer. */
export class HubError extends Error {
  /** The HTTP status, or 0 if there was no answer. */
  status;
  /** How long to wait before the next attempt, in milliseconds, or null if the answer does not say. */
  retryAfter;
  /** Whether the same request would be refused again: the hub has found it invalid, or it is too long for the hub or a proxy. */
  isFinal;

  /** @param isCertain whether the hub itself refuses the request, or it is known to be too long */
  constructor(status, message, retryAfter = null, isCertain = false) {
    super(message);
    this.name = 'HubError';
    this.status = status;
    this.retryAfter = retryAfter;
    this.isFinal = isCertain && status >= 400 && status < 500 && ![408, 429].includes(status);
  }
}

/** Nothing has failed: all topics have ended, and everything was received. */
export class TopicsEnded extends HubError {
  constructor() {
    super(204, 'all topics have ended');
  }
}

/**
 * Reads an event stream until it ends. Throws a HubError if it is silent for too long, TopicsEnded if nothing can follow, or the
 * signal's reason if aborted.
 *
 * @param parameters of the request, and answerWithin, the time in milliseconds within which the answer must begin
 * @param listener { answered(heartbeatMs, hubTime), bytes(), comment(text), retry(milliseconds), frame(frame) }, all optional:
 *   answered receives the hub's heartbeat interval, and the hub's time in epoch milliseconds, or NaN if it is unknown;
 *   bytes is called whenever data has arrived and was decoded
 */
export async function readStream(endpoint, selectors, { answerWithin = TIMEOUT_MS, ...parameters }, signal, listener) {
  const request = new AbortController();
  const forward = () => request.abort(signal.reason);
  signal.addEventListener('abort', forward);
  let lastData = performance.now(); // unlike Date.now(), not affected when the clock is set
  let longest = answerWithin;
  let held = false; // whether the answer has begun, but not the stream
  const watch = setInterval(() => {
    const silent = performance.now() - lastData;
    if (silent > longest) {
      request.abort(new HubError(0, `nothing was received for ${Math.round(silent / 1000)} s${held ? HELD : ''}`));
    }
  }, CHECK_MS);
  try {
    if (signal.aborted) {
      throw signal.reason;
    }
    const response = await open(endpoint, selectors, parameters, request.signal);
    const heartbeat = Number(response.headers.get('Heartbeat-Interval')) * 1000 || ASSUMED_HEARTBEAT_MS;
    longest = MAX_SILENT_INTERVALS * heartbeat + HEARTBEAT_TOLERANCE_MS;
    held = true;
    listener.answered?.(heartbeat, Date.parse(response.headers.get('Date')));
    let lastComment = null;
    const decoder = new FrameDecoder({
      frame: (frame) => {
        throwIfRefused(frame);
        listener.frame?.(frame);
      },
      comment: (text) => {
        lastComment = text;
        listener.comment?.(text);
      },
      retry: (milliseconds) => listener.retry?.(milliseconds),
    });
    const reader = response.body.getReader();
    for (let part = await read(reader, request.signal); !part.done; part = await read(reader, request.signal)) {
      lastData = performance.now();
      held = false;
      decoder.push(part.value);
      listener.bytes?.();
    }
    if ((parameters.live === false) !== (lastComment === END)) {
      throw lastComment === END ? new TopicsEnded() : new HubError(0, 'the connection was lost');
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
  const response = await ask(endpoint, streamUrl(endpoint, selectors, parameters), { ...STREAM, signal });
  if (!hasType(response, 'text/event-stream')) {
    response.body?.cancel().catch(() => {});
    throw new HubError(response.status, `HTTP ${response.status} without an event stream${isMarked(response) ? '' : FOREIGN}`);
  }
  return response;
}

function streamUrl(endpoint, selectors, parameters) {
  const target = new URL(endpoint.url);
  selectors.forEach((selector) => target.searchParams.append('topic', selector));
  Object.entries({ explain: true, checkpoints: true, _: unique(), ...parameters })
    .forEach(([name, value]) => target.searchParams.set(name, value));
  target.search = target.search.replace(/%(2F|3A|2C|40)/g, decodeURIComponent); // legal in a query, and the URL is shorter
  return target;
}

/** Returns whether all topics have ended, and nothing has come after a position. */
export async function hasEnded(endpoint, selectors, position) {
  const target = streamUrl(endpoint, selectors, { lastEventID: position });
  try {
    await ask(endpoint, target, { ...STREAM, method: 'HEAD', signal: AbortSignal.timeout(TIMEOUT_MS) });
    return false;
  } catch (error) {
    if (error instanceof TopicsEnded) {
      return true;
    }
    throw error;
  }
}

/** The hub ignores it. A service worker may answer from its cache, whatever the headers say, and so repeat an old answer. */
function unique() {
  return Math.random().toString(36).slice(2, 10);
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
  const id = hasType(response, 'text/plain') ? await response.text().catch(() => '') : '';
  // a proxy may have removed the mark, so an answer that looks like an id counts, too
  if (!isMarked(response) && !OWN_ID.test(id) && (id === '' || id !== form.get('id'))) {
    throw new HubError(response.status, `HTTP ${response.status} without an event id${FOREIGN}`);
  }
  return id;
}

function isMarked(response) {
  return response.headers.has(MARK);
}

function hasType(response, type) {
  return response.headers.get('Content-Type')?.startsWith(type) ?? false;
}

async function ask(endpoint, url, options, expected = 200) {
  const headers = { ...options.headers, ...await endpoint.headers() };
  const send = (target, method = options.method) =>
    fetch(target, { redirect: 'manual', credentials: endpoint.credentials, ...options, headers, method });
  const bytes = url.toString().length;
  let response;
  try {
    response = await send(url).catch((error) => (bytes > LONG_URL ? sendLong(send, url) : Promise.reject(error)));
  } catch (error) {
    const { aborted, reason } = options.signal;
    if (aborted && reason?.name !== 'TimeoutError') {
      throw reason;
    }
    throw error instanceof HubError ? error
      : new HubError(0, aborted ? `there was no answer within ${TIMEOUT_MS / 1000} s` : unreachable(new URL(url)));
  }
  if (response.status !== expected) {
    throw await refusal(response, bytes);
  }
  return response;
}

/**
 * Sends a request with a long URL, which got no answer, again. The answers of proxies that find it too long are hidden from a
 * page of another origin, and some servers just close the connection. If the hub answers a short request, but the long one again
 * gets no answer, its length is the reason.
 */
async function sendLong(send, url) {
  const short = new URL(url);
  short.search = '?topic=x';
  const { headers } = await send(short, 'HEAD');
  if (!headers.has(MARK)) {
    return send(url);
  }
  try {
    return await send(url);
  } catch (error) {
    throw error instanceof TypeError ? new HubError(414, tooLong('no answer', url.toString().length), null, true) : error;
  }
}

function tooLong(reason, bytes) {
  return `${reason}: these topics take ${bytes} bytes of the request, more than the hub (sse-hub.limits.max-header-size) or a `
    + 'proxy allows';
}

/** For a hub of another origin, the browser does not tell whether it is unreachable or refuses the page's origin. */
function unreachable({ host, origin }) {
  return origin === globalThis.origin
    ? `${host} cannot be reached`
    : `${host} cannot be reached, or does not let pages of ${globalThis.origin} use it (sse-hub.cors.allowed-origins)`;
}

async function refusal(response, bytes) {
  if (response.type === 'opaqueredirect') {
    return new HubError(0, `a redirect${FOREIGN}`);
  }
  const { status, headers } = response;
  const fromHub = isMarked(response);
  if (fromHub && status === 204) {
    return new TopicsEnded();
  }
  const isTooLong = TOO_LONG.includes(status) && bytes > LONG_URL;
  let sentence = `HTTP ${status}${fromHub ? '' : FOREIGN}`;
  if (fromHub && hasType(response, 'text/plain')) {
    sentence = (await response.text().catch(() => '')).trim().slice(0, REASON_LENGTH) || sentence;
  } else {
    response.body?.cancel().catch(() => {}); // it may be long, or have no end
  }
  const seconds = Number(headers.get('Retry-After') ?? NaN);
  return new HubError(status, isTooLong ? tooLong(sentence, bytes) : sentence, Number.isFinite(seconds) ? seconds * 1000 : null,
    fromHub || isTooLong);
}
