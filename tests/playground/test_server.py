"""The server without a browser: what it refuses and why, many at once, closed tabs."""

import gc
import http.client
import queue
import socket
import struct
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograd_lite.cli.command import main
from autograd_lite.playground import server as serving
from autograd_lite.playground import sessions as store
from autograd_lite.playground.server import PlaygroundServer
from autograd_lite.playground.sessions import Sessions, UnknownSession
from autograd_lite.playground.setup import LIMITS, Setup, options

WRONG = [
    ({"data": "cats"}, "data must be one of moons, circles, xor, linear, spiral, own, and is 'cats'"),
    ({"data": ["moons"]}, "data must be one of"),
    ({"data": "own"}, "own data are at least 2 points, and these are 0"),
    ({"points": [[0, 0, 2]]}, "and of class 0 or 1"),
    ({"points": [[7, 0, 1]]}, "in the square from -6 to 6"),
    ({"points": [[0, True, 1]]}, "points must be a list of at most 1000 points"),
    ({"features": []}, "features must be a list of some of x, y, x * x / 6"),
    ({"features": ["x", "z"]}, "features must be a list of some of"),
    ({"activations": ["Tanh", "Quad"]}, "activations must be one of Tanh"),
    ({"rows": 10**9}, "rows must be a whole number from 20 to 1000"),
    ({"rows": 50.5}, "rows must be a whole number"),
    ({"rows": True}, "rows must be a whole number"),
    ({"noise": "loud"}, "noise must be a number from 0 to 0.5, and is 'loud'"),
    ({"noise": -1}, "noise must be a number"),
    ({"noise": float("nan")}, "noise must be a number"),
    ({"lr": float("inf")}, "lr must be a number"),
    ({"lr": None}, "lr must be a number"),
    ({"test_share": 1}, "test_share must be a number from 0.1 to 0.9"),
    ({"seed": -1}, "seed must be"),
    ({"hidden": "16,16"}, "hidden must be a list of at most 6 layer widths"),
    ({"hidden": [4] * 7}, "hidden must be a list of at most 6"),
    ({"hidden": [17]}, "neurons must be a whole number from 1 to 16, and is 17"),
    ({"hidden": [0]}, "neurons must be"),
    ({"activation": "__class__"}, "activation must be one of Tanh, "),
    ({"optimizer": "Optimizer"}, "optimizer must be one of SGD, "),
    ({"schedule": "LambdaLR"}, "schedule must be one of constant"),
    ({"batch_size": 0}, "batch_size must be"),
    ({"l1": 2}, "l1 must be a number from 0 to 1"),
    ({"optimizer_settings": []}, "optimizer_settings must be an object"),
    ({"optimizer_settings": {"maximise": 1}}, "SGD has no setting 'maximise'; it has momentum"),
    ({"optimizer_settings": {"momentum": True}}, "SGD's momentum must be a number"),
    ({"optimizer_settings": {"nesterov": 1}}, "SGD's nesterov must be true or false"),
    ({"optimizer_settings": {"nesterov": True}}, "Nesterov momentum needs momentum > 0"),
    ({"optimizer": "Adam", "optimizer_settings": {"betas": [0.9]}}, "Adam's betas must be a list of 2 numbers"),
    ({"optimizer": "Adam", "optimizer_settings": {"betas": [0.9, 1.0]}}, "betas must lie in"),
    ({"optimizer": "Newton", "hidden": [16, 16]}, "Newton solves with all second derivatives"),
    ({"schedule_settings": {"gamma": 1}}, "constant has no setting 'gamma'; it has none"),
    ({"schedule": "StepLR", "schedule_settings": {"step_size": 0}}, "StepLR's step_size must be a whole number"),
    ({"surprise": 1}, "a set-up has no 'surprise'; it has activation"),
    ([], "a set-up is an object"),
]


@pytest.mark.parametrize(("setup", "reason"), WRONG, ids=lambda value: str(value)[:50])
def test_a_wrong_set_up_is_refused_with_a_reason(ask, setup, reason):
    status, answer = ask("/api/begin", {"setup": setup})
    assert status == 422
    assert reason in answer["error"]


@pytest.mark.parametrize("steps", [-1, 10**9, "5", 1.5, True, None, []])
def test_wrong_steps_are_refused(ask, steps):
    _, begun = ask("/api/begin", {})
    status, answer = ask("/api/advance", {"session": begun["session"], "steps": steps})
    assert status == 422 and answer["error"].startswith("steps must be a whole number from 0 to")


@pytest.mark.parametrize("session", ["", "nobody", None, 7, [1], {}])
@pytest.mark.parametrize("call", ["advance", "script"])
def test_an_unknown_session_is_gone(ask, call, session):
    status, answer = ask(f"/api/{call}", {"session": session})
    assert status == 410 and "begin a new one" in answer["error"]


REFUSED = [
    (("/api/begin", None, b"{"), {}, 400, "no JSON"),
    (("/api/begin", None, b"\xff\xfe"), {}, 400, "no JSON"),
    (("/api/begin", None, b"[" * 60_000), {}, 400, "no JSON"),
    (("/api/begin", 3), {}, 400, "must be a JSON object"),
    (("/api/begin", None, b"{}"), {"Content_Type": "text/plain"}, 415, "send JSON"),
    (("/api/begin", None, b"{}"), {"Content_Length": "99999999999999"}, 413, "at most 65536 bytes"),
    (("/api/begin", None, b"{}"), {"Content_Length": "-5"}, 411, "Content-Length"),
    (("/api/delete", {}), {}, 404, "there are /api/begin"),
    (("/api/__init__", {}), {}, 404, "there is no"),
    (("begin", {}), {}, 404, "there is no"),
    (("/api/begin",), {}, 405, "takes POST"),
    (("/nothing.js",), {}, 404, "there is no"),
    (("/../server.py",), {}, 404, "there is no"),
    (("/%2e%2e/server.py",), {}, 404, "there is no"),
    (("/api/options",), {"Host": "evil.example"}, 403, "answers to localhost"),
    (("/api/options",), {"Host": "127.0.0.1.evil.example:80"}, 403, "answers to localhost"),
    (("/api/options",), {"Host": "[::1"}, 403, "answers to localhost"),
    (("/api/begin", {}), {"Origin": "http://evil.example"}, 403, "other origins"),
    (("/api/begin", {}), {"Origin": "null"}, 403, "other origins"),
]


@pytest.mark.parametrize(("request_", "headers", "status", "reason"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_the_server_refuses(ask, request_, headers, status, reason):
    answer = ask(*request_, **headers)
    assert answer[0] == status
    assert reason in answer[1]["error"]


def test_local_names_are_accepted(ask, server):
    for host in ("localhost", "LocalHost", "127.0.0.1", "[::1]", "192.0.2.7", f"localhost:{server.server_port}"):
        assert ask("/api/options", Host=host)[0] == 200


def test_an_error_of_ours_is_one_answer_and_not_the_end(ask, monkeypatch, capsys):
    monkeypatch.setattr(Sessions, "begin", lambda *_: 1 / 0)
    assert ask("/api/begin", {}) == (500, {"error": "ZeroDivisionError: division by zero"})
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert ask("/api/options")[0] == 200


def test_a_hundred_requests_at_once(ask, server):
    """A tab each: as many get an answer, and only so many trainings are kept."""
    setup = {"rows": 40, "hidden": [3]}
    together = threading.Barrier(100)

    def tab(seed):
        together.wait()
        return ask("/api/begin", {"setup": {**setup, "seed": seed}})

    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(tab, range(100)))
    assert {status for status, _ in answers} == {200}
    assert [answer["setup"]["seed"] for _, answer in answers] == list(range(100))
    assert len(server.sessions.kept) == store.MOST_SESSIONS


def test_a_hundred_requests_for_one_training(ask):
    """Each makes its step, in turn: the result is that of a hundred steps one after the other."""
    _, begun = ask("/api/begin", {})
    _, alone = ask("/api/begin", {})
    advance = lambda _: ask("/api/advance", {"session": begun["session"], "steps": 1})
    with ThreadPoolExecutor(100) as pool:
        assert {status for status, _ in pool.map(advance, range(100))} == {200}
    _, after = ask("/api/advance", {"session": begun["session"], "steps": 0})
    _, other = ask("/api/advance", {"session": alone["session"], "steps": 100})
    assert after["step"] == 100
    assert after == other


def test_a_tab_that_closes_in_the_middle_of_an_answer(ask, server, capsys):
    _, begun = ask("/api/begin", {})
    body = f'{{"session": "{begun["session"]}", "steps": 1000}}'.encode()
    head = "POST /api/advance HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += f"Content-Length: {len(body)}\r\n\r\n"
    for sent in (head.encode() + body, head.encode() + body[:5], b"GET", b""):
        with socket.create_connection(("127.0.0.1", server.server_port)) as tab:
            tab.sendall(sent)
            tab.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closed without a word
    assert ask("/api/options")[0] == 200
    assert ask("/api/end", {"session": begun["session"]}) == (200, {"ended": True})
    assert ask("/api/end", {"session": begun["session"]}) == (200, {"ended": False})
    assert "Traceback" not in capsys.readouterr().err


def test_what_is_not_used_is_let_go():
    time = [0.0]
    sessions = Sessions(now=lambda: time[0])
    first, second = sessions.begin({})["session"], sessions.begin({})["session"]
    gone = weakref.ref(sessions.kept[first][0])
    time[0] = store.IDLE_SECONDS
    sessions.advance({"session": second, "steps": 0})
    time[0] += 1
    sessions.advance({"session": second})
    with pytest.raises(UnknownSession):
        sessions.advance({"session": first})
    gc.collect()  # a compiled step holds itself
    assert gone() is None
    third = sessions.begin({"session": second})["session"]
    assert list(sessions.kept) == [third]


def test_a_training_that_diverges_is_told_and_kept():
    sessions = Sessions()
    setup = {"lr": 100.0, "l2": 1.0}
    key = sessions.begin({"setup": setup})["session"]
    for _ in range(20):
        answer = sessions.advance({"session": key, "steps": 500})
        if not answer["finite"]:
            break
    assert answer["notice"].startswith("Training has diverged")
    assert sessions.advance({"session": key, "steps": 5})["step"] == answer["step"]
    serving._json(answer)  # NaN would not pass


def test_the_page_and_its_parts_are_served(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
    for name, kind in (
        ("", "text/html"),
        ("app.js", "text/javascript"),
        ("style.css", "text/css"),
        ("icon.svg", "image/svg"),
    ):
        connection.request("GET", f"/{name}")
        answer = connection.getresponse()
        assert answer.status == 200 and answer.getheader("Content-Type").startswith(kind)
        assert "default-src 'none'" in answer.getheader("Content-Security-Policy")
        assert b"https://" not in answer.read()
    connection.close()


def test_suggestions_are_set_ups_within_the_limits():
    offered = options()
    assert list(offered["suggested"]) == offered["data"]
    for suggested in offered["suggested"].values():
        assert Setup.parsed(suggested).as_json() == suggested
    assert all(least < most for least, most in LIMITS.values())


def test_play_serves_on_a_free_port(monkeypatch, capsys):
    opened = queue.Queue()
    monkeypatch.setattr(serving.webbrowser, "open", opened.put)

    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(PlaygroundServer, "serve_forever", interrupted)
    with PlaygroundServer() as other:
        assert main(["play", "--port", str(other.server_port)]) == 0
        url = opened.get(timeout=10)
        assert url.startswith("http://127.0.0.1:") and url != other.url
        assert main(["play", "--port", "0", "--no-browser"]) == 0
    assert opened.empty()
    assert f"playground at {url}" in capsys.readouterr().out
    assert main(["play", "--port", "70000"]) == 2
    assert "ports go up to 65535" in capsys.readouterr().err


def test_a_file_that_cannot_be_shown_is_one_line(tmp_path, capsys):
    assert main(["play", str(tmp_path / "none.csv"), "--no-browser"]) == 2
    assert "none.csv: No such file" in capsys.readouterr().err
