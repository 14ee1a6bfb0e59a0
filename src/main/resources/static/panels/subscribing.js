// Subscribes for a section, which says that it is busy while its past is filled in, and why it stays empty.

export function subscribe(hub, section, topics, listener, options = {}) {
  section.setAttribute('aria-busy', 'true');
  const settled = () => section.removeAttribute('aria-busy');
  const refused = (error) => {
    settled();
    notice(section, error.message);
  };
  const subscription = hub.subscribe(topics, listener, { ...options, onerror: refused });
  subscription.ready.then(settled, refused);
  return subscription;
}

export function notice(section, sentence) {
  const place = section.querySelector('.notice');
  place.textContent = sentence;
  place.hidden = false;
}
