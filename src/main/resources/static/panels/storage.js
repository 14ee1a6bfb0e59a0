// What this browser remembers, or, in sessionStorage, this tab. It may be told not to; then it is forgotten with the page.

export function recall(key, storage = 'localStorage') {
  try {
    return globalThis[storage].getItem(key);
  } catch (error) {
    console.debug('storage cannot be read', error);
    return null;
  }
}

export function remember(key, value, storage = 'localStorage') {
  try {
    globalThis[storage].setItem(key, value);
  } catch (error) {
    console.debug('storage cannot be written', error);
  }
}
