// Subscribes for a section of the page. The section is marked busy until its past events are delivered, and shows a refusal as
// a notice. Other sections react to a refusal as well, so the hub then dispatches 'refused' with the error as detail.

import { refusalOf } from './token.js';

export function subscribe(hub, section, topics, listener, options = {}) {
  section.setAttribute('aria-busy', 'true');
  const settled = () => section.removeAttribute('aria-busy');
  const refused = (error) => {
    settled();
    section.classList.add('refused');
    section.querySelector('.notice').replaceChildren(); // refusalOf adds a link only if the page shows no other one
    notice(section, ...refusalOf(error));
    tellRefusal(hub, error);
  };
  const subscription = hub.subscribe(topics, listener, { ...options, onerror: refused });
  subscription.ready.then(settled, () => {}); // onerror shows the error
  return subscription;
}

export function tellRefusal(hub, error) {
  hub.dispatchEvent(new CustomEvent('refused', { detail: error }));
}

export function notice(section, ...sentence) {
  const place = section.querySelector('.notice');
  place.replaceChildren(...sentence);
  place.hidden = false;
}
