"""One POST to a plain webhook: what every way to answer, or not to, means, and in what time."""

import socket
import ssl
import threading
import time

import pytest
from receiver import HALF, HUGE, LOST, SLOW, receiving

from merchantwatch.notify import webhook
from merchantwatch.notify.outcomes import by_status, within

BODY = {"delivery_id": "d1", "alerts": []}


@pytest.fixture(scope="module")
def server():
    with receiving() as receiver:
        yield receiver


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        *[(status, "sent") for status in (200, 201, 204, 299)],
        *[(status, "failed") for status in (300, 301, 302, 303, 307, 308, 399)],
        *[(status, "refused") for status in (400, 401, 403, 404, 407, 409, 410, 424, 426, 499)],
        *[(status, "failed") for status in (408, 425, 429, 500, 502, 503, 504, 599, 999, 199)],
    ],
)
def test_an_answer_means(answer, kind):
    assert by_status(answer).kind == kind


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (200, "sent"),
        (404, "refused"),
        (302, "failed"),
        (429, "failed"),
        (500, "failed"),
        (HUGE, "sent"),
        (LOST, "unclear"),
        (HALF, "unclear"),
        (SLOW, "unclear"),
    ],
)
def test_whatever_a_receiver_does_is_over_in_time(server, answer, kind):
    server.answers, server.location = [answer], server.url
    server.forget()
    began = time.monotonic()
    found = webhook.post(server.url, BODY, seconds=1 if answer == SLOW else 15)
    assert found.kind == kind
    assert time.monotonic() - began < 10
    assert len(server.bodies) == 1, "a redirect is not followed"
    assert server.bodies == [BODY]
    assert "SECRET" not in found.why.zh + found.why.en
    assert server.headers[0]["Idempotency-Key"] == "d1"


def test_an_unforeseen_error_is_shown_by_its_name_alone(capfd):
    def attempt():
        raise RuntimeError("https://h/SECRET")

    found = within(1, attempt)
    assert (found.kind, "RuntimeError" in found.why.en) == ("unclear", True)
    captured = capfd.readouterr()
    assert "SECRET" not in found.why.en + found.why.zh + captured.out + captured.err


@pytest.mark.parametrize(
    ("retry_after", "waits"), [("3", 3), ("600", 30), ("-1", 0), ("soon", None)]
)
def test_a_receiver_may_ask_to_be_left_alone(retry_after, waits):
    assert webhook._wait(retry_after) == waits


def test_a_name_and_password_go_into_a_header(server):
    server.forget()
    webhook.post(server.url.replace("//", "//me:p%40ss@"), BODY)
    assert server.headers[0]["Authorization"] == "Basic bWU6cEBzcw=="
    assert "me:" not in server.headers[0]["Host"]


@pytest.mark.parametrize(
    ("address", "kind", "expected"),
    [
        ("http://127.0.0.1:1/SECRET", "failed", "refused"),
        ("http://no.such.host.invalid/SECRET", "failed", "host or network"),
        (f"http://{'a' * 70}.example/SECRET", "failed", "no name"),
    ],
)
def test_what_cannot_be_reached_has_not_arrived(address, kind, expected):
    found = webhook.post(address, BODY)
    assert found.kind == kind
    assert expected in found.why.en
    assert "SECRET" not in found.why.en


def test_who_speaks_no_tls_is_not_sent_anything():
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def answer():
            taken, _ = plain.accept()
            with taken:
                taken.recv(1000)
                taken.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        found = webhook.post(f"https://127.0.0.1:{plain.getsockname()[1]}/SECRET", BODY)
    assert found.kind == "failed"
    assert "encrypted" in found.why.en
    assert isinstance(ssl.SSLError(), OSError)


@pytest.mark.parametrize(
    "value",
    ["http://", "http://:80", "http://h:0", "http://h:x", "http://[", "ftp://h", "http://a b/"],
)
def test_no_address(value):
    assert not webhook.is_address(value)


@pytest.mark.parametrize(
    "value", ["http://h", "HTTPS://h:1/x", "http://[::1]:8/", "https://例子.测试/路径?词=一 二"]
)
def test_an_address(value):
    assert webhook.is_address(value)
    webhook._plain(webhook.urlsplit(value)).encode("latin1", "xmlcharrefreplace")
