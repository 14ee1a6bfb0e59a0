// A server as many people have it in front: Express with compression, and a proxy of /sse. Prints its port.
import compression from 'compression';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';

const app = express();
app.use(compression());
app.use(createProxyMiddleware({ target: process.argv[2], pathFilter: '/sse' }));
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
