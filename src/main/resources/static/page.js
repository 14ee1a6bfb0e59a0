// Shows every message of the hub's default topics as it comes.

const KEPT = 200; // older messages leave the list
const RETRY_MS = 5000; // after a failure that EventSource takes for final, such as a proxy's 502
const PINNED_PX = 40; // so near to the end, the reader is taken to follow

const state = document.getElementById('state');
const messages = document.getElementById('messages');

let lastEventId = '';

function show(name) {
  state.dataset.state = name;
  state.textContent = name;
}

function append(text, kind) {
  const follows = messages.scrollHeight - messages.scrollTop - messages.clientHeight < PINNED_PX;
  const item = document.createElement('li');
  item.className = kind;
  item.textContent = text;
  messages.append(item);
  while (messages.children.length > KEPT) {
    messages.firstElementChild.remove();
  }
  if (follows) {
    messages.scrollTop = messages.scrollHeight;
  }
}

// The stream is at /sse, unless the hub's configuration says otherwise; then the Link header of this page says where.
async function streamUrl() {
  try {
    const page = await fetch(location.pathname, { method: 'HEAD' });
    return page.headers.get('Link')?.match(/<([^>]*)>; rel="alternate"; type="text\/event-stream"/)?.[1] ?? '/sse';
  } catch (error) {
    console.error('this page cannot be asked where its stream is', error);
    return '/sse';
  }
}

async function connect() {
  const url = await streamUrl();
  // a new EventSource knows nothing of the one before it
  const source = new EventSource(lastEventId ? `${url}?lastEventID=${encodeURIComponent(lastEventId)}` : url);
  source.onopen = () => show('live');
  source.onmessage = (event) => {
    lastEventId = event.lastEventId;
    append(event.data, 'message');
  };
  source.addEventListener('gap', () => append('messages are missing here: the hub no longer has them', 'gap'));
  source.onerror = (event) => {
    console.error('the event stream failed', event);
    show('reconnecting');
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(connect, RETRY_MS);
    }
  };
}

connect();
