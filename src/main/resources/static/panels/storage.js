// Values stored in this browser, or in sessionStorage for this tab. If the browser blocks storage, nothing is stored.

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
