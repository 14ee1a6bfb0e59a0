// What this browser remembers. It may be told not to; then it is forgotten with the page.

export function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch (error) {
    console.debug('storage cannot be read', error);
    return null;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch (error) {
    console.debug('storage cannot be written', error);
  }
}
