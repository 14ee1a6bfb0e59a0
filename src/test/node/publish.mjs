// Publishes with http.request, which sends a body in chunks if its length is not given.
import http from 'node:http';

const request = http.request(process.argv[2], {
  method: 'POST',
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
}, async (response) => {
  console.log(response.statusCode, (await response.toArray()).join(''));
});
request.write('topic=chat&da');
request.write('ta=from+');
request.end('Node');
