// The dialog that ends a stream, or all streams of its subject or its key.

import { element } from '../panels/text.js';
import { counted } from './format.js';
import { sentence } from './list.js';
import { send } from './request.js';

/**
 * Returns a function that opens the dialog for a stream.
 *
 * @param ended called when streams were ended, with a sentence
 */
export function endingDialog(dialog, ended) {
  const choices = dialog.querySelector('fieldset');
  const alert = dialog.querySelector('[role=alert]');
  const form = dialog.querySelector('form');

  form.addEventListener('submit', async (event) => {
    if (event.submitter?.value !== 'end') {
      return; // Cancel closes the dialog
    }
    event.preventDefault();
    const { name, value } = new FormData(form).has('which') ? chosen(form) : {};
    event.submitter.disabled = true;
    try {
      const answer = name === 'id'
        ? await send('DELETE', `streams/${value}`)
        : await send('DELETE', 'streams', { [name]: value });
      dialog.close();
      const silent = answer.missing.map((node) => `; no answer from ${node.name}`).join('');
      ended(`${counted(answer.ended, 'stream was', 'streams were')} ended${silent}`);
    } catch (error) {
      alert.textContent = sentence(error.message);
    } finally {
      event.submitter.disabled = false;
    }
  });

  return async (stream) => {
    alert.textContent = '';
    const whole = await send('GET', `streams/${stream.id}`).catch(() => stream); // a list has shortened texts
    const all = [['id', stream.id, `This stream of ${stream.address ?? 'an unknown address'}`]];
    if (whole.subject !== null) {
      all.push(['subject', whole.subject, `All streams of the subject ${stream.subject}`]);
    }
    if (whole.key !== null) {
      all.push(['key', whole.key.thumbprint, `All streams of the key ${whole.key.id ?? whole.key.thumbprint}`]);
    }
    choices.replaceChildren(choices.querySelector('legend'), ...all.map(([name, value, text], at) => choice(name, value, text, at === 0)));
    dialog.showModal();
  };
}

function choice(name, value, text, checked) {
  const label = element('label', 'check');
  const input = element('input');
  Object.assign(input, { type: 'radio', name: 'which', value: name, checked });
  input.dataset.value = value;
  label.append(input, element('span', '', text));
  return label;
}

function chosen(form) {
  const input = form.querySelector('[name=which]:checked');
  return { name: input.value, value: input.dataset.value };
}
