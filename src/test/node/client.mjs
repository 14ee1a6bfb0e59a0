// Subscribes to the given URL with the npm package eventsource, and prints each event as a line of JSON.
import { EventSource } from 'eventsource';

const [url, ...types] = process.argv.slice(2);
const source = new EventSource(url);
const write = (event) => console.log(JSON.stringify({ id: event.lastEventId, type: event.type, data: event.data }));

source.onopen = () => console.log(JSON.stringify({ type: 'open' }));
source.onmessage = write;
types.forEach((type) => source.addEventListener(type, write));
