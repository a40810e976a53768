"""Chats and mail by apprise: what their answers mean, what they are sent, and what is never shown."""

import io
import json
import logging
import time

import pytest
from receiver import HUGE, LOST, SLOW, receiving

pytest.importorskip("apprise")
import requests
from urllib3 import HTTPResponse

from merchantwatch.errors import OutputError
from merchantwatch.notify import chat
from merchantwatch.notify.chat import Chat
from merchantwatch.notify.messages import Message

MESSAGE = Message("标题", "第一行\n第二行")


@pytest.fixture(scope="module")
def server():
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def answered(monkeypatch):
    """Let services answer what a test says, and note what they are sent."""
    sent = []

    def answering(status, body=b""):
        def send(_adapter, request, **_kwargs):
            sent.append(request)
            answer = requests.Response()
            answer.status_code = status
            answer.raw = HTTPResponse(io.BytesIO(body), preload_content=False)
            return answer

        monkeypatch.setattr("requests.adapters.HTTPAdapter.send", send)
        return sent

    return answering


KEY = "a" * 20
DINGTALK = f"dingtalk://{'b' * 64}/"
FEISHU = f"feishu://{KEY}"
WECOM = "wecombot://693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=" + "b" * 64


@pytest.mark.parametrize(
    ("address", "status", "body", "kind"),
    [
        (DINGTALK, 200, b'{"errcode": 0, "errmsg": "ok"}', "sent"),
        (DINGTALK, 200, b'{"errcode": 310000, "errmsg": "keywords"}', "failed"),
        (DINGTALK, 200, b"not json", "unclear"),
        (DINGTALK, 200, b"[]", "unclear"),
        (DINGTALK, 500, b"", "failed"),
        (DINGTALK, 404, b"", "failed"),
        (DINGTALK, 200, b'{"errcode": 0}', "sent"),
        (DINGTALK, 200, b'{"errcode": 130101}', "failed"),
        (WECOM, 200, b'{"errcode": 0}', "sent"),
        (WECOM, 200, b'{"errcode": 45009}', "failed"),
        (FEISHU, 200, b'{"code": 0}', "sent"),
        (f"https://open.feishu.cn/open-apis/bot/v2/hook/{KEY}", 200, b'{"code": 1}', "failed"),
        (f"https://open.larksuite.com/open-apis/bot/v2/hook/{KEY}", 200, b'{"code": 0}', "sent"),
        (FEISHU, 200, b'{"code": 9499, "msg": "Bad Request"}', "failed"),
    ],
)
def test_what_a_service_answers_means(address, status, body, kind, answered):
    sent = answered(status, body)
    found = Chat("ops", "MW_OPS_URL", address).send(MESSAGE)
    assert found.kind == kind
    assert len(sent) == 1
    shown = json.dumps(json.loads(sent[0].body), ensure_ascii=False)
    assert "第一行" in shown
    assert "标题" in shown


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(200, "sent"), (500, "failed"), (LOST, "unclear"), (HUGE, "sent"), (SLOW, "unclear")],
)
def test_whatever_a_service_does_is_over_in_time(server, answer, kind, monkeypatch):
    server.answers = [answer]
    address = server.url.replace("http://", "json://")
    one = Chat("ops", "MW_OPS_URL", address)
    one._plugin.request_rate_per_sec = 0
    began = time.monotonic()
    found = one.send(MESSAGE, seconds=1 if answer == SLOW else 15)
    assert found.kind == kind
    assert time.monotonic() - began < 10
    assert "SECRET" not in found.why.en + found.why.zh


@pytest.mark.parametrize("scheme", ["json", "jsons"])
def test_what_cannot_be_reached_has_not_arrived(scheme):
    found = Chat("ops", "MW_OPS_URL", f"{scheme}://127.0.0.1:1/SECRET").send(MESSAGE)
    assert (found.kind, found.why.en) == ("failed", "no connection can be made (host or network)")


@pytest.mark.parametrize(
    "address", ["nosuch://SECRET", "wecombot://SECRET!!", "dingtalk://", "SECRET"]
)
def test_no_address_is_one_line_and_is_never_shown(address, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(OutputError) as caught:
        Chat("ops", "MW_OPS_URL", address)
    assert "MW_OPS_URL" in caught.value.en
    captured = capfd.readouterr()
    for text in (caught.value.en, caught.value.zh, caplog.text, captured.out, captured.err):
        assert "SECRET" not in text


def test_what_libraries_log_holds_addresses_and_goes_nowhere(server, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    server.answers = [500]
    Chat("ops", "MW_OPS_URL", server.url.replace("http://", "json://")).send(MESSAGE)
    captured = capfd.readouterr()
    assert "SECRET" not in caplog.text + captured.out + captured.err


def test_without_apprise_the_line_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(OutputError, match=r"pip install 'merchantwatch\[notify\]'"):
        chat.Chat("ops", "MW_OPS_URL", DINGTALK)
