// Writes requests as curl commands that can be pasted into a POSIX shell, whatever characters they contain.

// Control characters that a shell, its line editor or a command-line argument cannot take unchanged.
const CONTROL = /[\0-\x09\x0b-\x1f\x7f]/;

// Within single quotes, the shell takes every character literally except the single quote.
function quote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// With a name in front, curl gives a leading @ or = in the value no special meaning.
function argument([name, value]) {
  return CONTROL.test(value)
    ? `--data-raw ${quote(`${name}=${encodeURIComponent(value.toWellFormed())}`)}`
    : `--data-urlencode ${quote(`${name}=${value}`)}`;
}

function command(start, fields) {
  return [start, ...fields.map(argument)].join(' \\\n  ');
}

// fields: [name, value] pairs
export function subscribeCommand(url, fields, hasToken) {
  return command(`curl -gN --get ${token(hasToken)}${quote(url)}`, fields);
}

export function publishCommand(url, fields, hasToken) {
  return command(`curl ${token(hasToken)}${quote(url)}`, fields);
}

// A variable instead of the token, because a copied command ends up in the shell's history.
function token(hasToken) {
  return hasToken ? '-H "Authorization: Bearer $TOKEN" ' : '';
}

export function example(url, hasToken) {
  return `curl ${token(hasToken)}${/^[\w:/.-]+$/.test(url) ? url : quote(url)} -d topic=chat -d 'data=Hello, world'`;
}
