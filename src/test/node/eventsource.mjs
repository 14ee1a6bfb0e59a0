// Subscribes to the given URL with the npm package eventsource, and prints a line for each event of the given types.
import { EventSource } from 'eventsource';

const [url, ...types] = process.argv.slice(2);
const source = new EventSource(url);
const write = (event) => console.log(`event ${event.lastEventId} ${event.type} ${JSON.stringify(event.data)}`);

source.onopen = () => console.log('open');
source.onerror = () => console.log('end');
['message', ...types].forEach((type) => source.addEventListener(type, write));
