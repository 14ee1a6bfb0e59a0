# Runs a Python client library against a hub, for the tests: clients.py listen URL, or clients.py publish URL.
import json
import sys
import time

import httpx
import requests
from httpx_sse import connect_sse


def listen(url):
    last_id, retry = "", 0.2
    with httpx.Client(timeout=httpx.Timeout(5, read=None)) as client:
        while True:  # httpx-sse leaves reconnecting to its user
            headers = {"Last-Event-ID": last_id} if last_id else {}
            try:
                with connect_sse(client, "GET", url, headers=headers) as source:
                    source.response.raise_for_status()
                    print("open", flush=True)
                    for event in source.iter_sse():
                        last_id = event.id
                        print("event", event.id, event.event, json.dumps(event.data), flush=True)
            except httpx.TransportError:
                pass  # the network is cut
            print("end", flush=True)
            time.sleep(retry)


# Both libraries send a body from a generator in chunks.
def publish(url):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for answer in (
        requests.post(url, headers=headers, data=body(b"requests")),
        httpx.post(url, headers=headers, content=body(b"httpx")),
    ):
        print(answer.status_code, answer.text, flush=True)


def body(name):
    yield b"topic=chat&da"
    yield b"ta=from+"
    yield name


{"listen": listen, "publish": publish}[sys.argv[1]](sys.argv[2])
