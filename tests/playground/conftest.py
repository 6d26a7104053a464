"""A playground server on a free port, and a client that speaks JSON with it."""

import http.client
import json
import threading

import pytest

from autograd_lite.playground.server import PlaygroundServer


@pytest.fixture(scope="module")
def server():
    with PlaygroundServer() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def ask(server):
    """A function that sends a request and gives the status and the JSON of the answer."""

    def ask(path, value=None, body=None, method=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
        body = json.dumps(value).encode() if value is not None else body
        method = method or ("GET" if body is None else "POST")
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text)

    return ask
