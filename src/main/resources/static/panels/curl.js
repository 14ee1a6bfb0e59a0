// Requests as commands that can be pasted into a shell (POSIX), whatever is in them.

// A shell, its line editor or an argument cannot take all of these as they are.
const CONTROL = /[\0-\x09\x0b-\x1f\x7f]/;

// In single quotes all is literal, but for the single quote.
function quote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// With a name before it, curl takes neither @ nor = at the beginning for its own.
function argument([name, value]) {
  return CONTROL.test(value)
    ? `--data-raw ${quote(`${name}=${encodeURIComponent(value.toWellFormed())}`)}`
    : `--data-urlencode ${quote(`${name}=${value}`)}`;
}

function command(start, fields) {
  return [start, ...fields.map(argument)].join(' \\\n  ');
}

// fields: pairs of name and value
export function subscribeCommand(url, fields, hasToken) {
  return command(`curl -gN --get ${token(hasToken)}${quote(url)}`, fields);
}

export function publishCommand(url, fields, hasToken) {
  return command(`curl ${token(hasToken)}${quote(url)}`, fields);
}

// Not the token itself: what is copied ends up in a history.
function token(hasToken) {
  return hasToken ? '-H "Authorization: Bearer $TOKEN" ' : '';
}

export function example(url, hasToken) {
  return `curl ${token(hasToken)}${/^[\w:/.-]+$/.test(url) ? url : quote(url)} -d topic=chat -d 'data=Hello, world'`;
}
