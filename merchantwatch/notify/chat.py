"""Chats and mail, through apprise, which knows the message format of a hundred services.

The logs of apprise and its libraries contain addresses, so they are switched off.
"""

import logging
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

from merchantwatch.errors import OutputError
from merchantwatch.notify.messages import Message
from merchantwatch.notify.outcomes import (
    SECONDS_TO_ANSWER,
    SENT,
    Outcome,
    by_status,
    failed,
    unclear,
    within,
)
from merchantwatch.notify.services import Service, as_apprise, services

_LOGGING_LIBRARIES = ("apprise", "urllib3", "requests")
_MOST_OF_AN_ANSWER = 65_536


class Chat:
    """One channel of apprise. Raises OutputError if apprise is missing or the address unknown."""

    def __init__(self, channel: str, variable: str, address: str) -> None:
        self._apprise = _apprise(channel)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._plugin = self._apprise.Apprise.instantiate(as_apprise(address))
        if self._plugin is None:
            raise OutputError(
                f"channel {channel}: what {variable} holds is no address that apprise knows; see "
                "docs/notifications.md",
                f"渠道 {channel}：{variable} 的值不是 apprise 支持的地址，见 docs/notifications.md",
            )
        schemes = (self._plugin.secure_protocol, self._plugin.protocol)
        found = (services().get(str(scheme)) for scheme in schemes if isinstance(scheme, str))
        self._service = next(filter(None, found), Service())

    def takes(self, message: Message) -> bool:
        """Say whether a message is small enough for the service."""
        return self._service.takes(message, self._plugin.body_maxlen)

    def send(self, message: Message, seconds: float = SECONDS_TO_ANSWER) -> Outcome:
        """Send a message and return its outcome, within the time limit in any case."""
        # apprise itself pauses this long between two messages.
        # Not part of the time that the service takes.
        seconds += self._plugin.request_rate_per_sec
        return within(seconds, lambda: self._attempt(message))

    def _attempt(self, message: Message) -> Outcome:
        server = self._apprise.Apprise()
        server.add(self._plugin)
        text = self._apprise.NotifyFormat.TEXT
        answers: list[Any] = []
        send = type(self._plugin).send

        def recording_send(*args: Any, **kwargs: Any) -> Any:
            # Set here, since apprise makes its requests in a thread of its own.
            _recorded.answers = answers
            return send(self._plugin, *args, **kwargs)

        self._plugin.send = recording_send
        done = server.notify(title=message.title, body=message.body, body_format=text)
        fault = next(filter(None, map(self._fault, answers)), None)
        return fault or (SENT if done else _NOT_ACCEPTED)

    def _fault(self, answer: Any) -> Outcome | None:
        """Return why an answer is no yes; None where it is one."""
        if isinstance(answer, Outcome):
            return answer
        status = answer.status_code
        if by_status(status).kind != "sent":
            return failed(f"对方回复 HTTP {status}", f"the service answered HTTP {status}")
        name = self._service.answer
        if name is None:
            return None
        try:
            # DingTalk, Feishu and WeCom answer 200 with an error number in the body.
            number = int(answer.json()[name])
        except (ValueError, KeyError, TypeError):
            return unclear("对方的答复无法理解", "the answer of the service cannot be understood")
        if number:
            return failed(
                f"对方未接受消息（{name} {number}）",
                f"the service did not take the message ({name} {number})",
            )
        return None


_NOT_ACCEPTED = failed("对方未接受消息", "the service did not take the message")


def _apprise(channel: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import apprise
    except ImportError:
        raise OutputError(
            f"channel {channel}: chats and mail need apprise; its alerts wait: "
            "pip install 'merchantwatch[notify]'",
            f"渠道 {channel}：聊天与邮件渠道需要 apprise，通知暂存；"
            "请运行 pip install 'merchantwatch[notify]'",
        ) from None
    _silence()
    _record_answers()
    return apprise


def _silence() -> None:
    """Switch off the logs of libraries: they would show the secret in an address."""
    for name in _LOGGING_LIBRARIES:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class _Recorded(threading.local):
    """Records the results of the requests of this thread: answers, or outcomes."""

    answers: list[Any] | None = None


_recorded = _Recorded()


@cache
def _record_answers() -> None:
    """Record each HTTP answer from now on: apprise passes on only yes or no."""
    # Some services refuse a message in an answer with status 200; some answers never come.
    import requests

    send: Callable[..., Any] = requests.Session.send

    def recording_send(*args: Any, **kwargs: Any) -> Any:
        answers = _recorded.answers
        if answers is None:
            return send(*args, **kwargs)
        try:
            # Streamed: an endless answer must not be read as a whole.
            answer = send(*args, **{**kwargs, "stream": True})
        except requests.RequestException as error:
            answers.append(_unanswered(error))
            raise
        _read_bounded(answer)
        answers.append(answer)
        return answer

    requests.Session.send = recording_send  # type: ignore[method-assign]


def _unanswered(error: Exception) -> Outcome:
    """Return why no answer came, without the error's message, which contains the address."""
    import requests
    from urllib3.exceptions import MaxRetryError

    if isinstance(error, requests.ConnectTimeout):
        return failed("连接超时", "no connection in time")
    if isinstance(error, requests.exceptions.SSLError):
        return failed("无法建立加密连接", "no encrypted connection can be made")
    if isinstance(error, requests.ConnectionError) and isinstance(error.args[0], MaxRetryError):
        return failed("无法连接（主机名或网络）", "no connection can be made (host or network)")
    if isinstance(error, requests.ReadTimeout):
        return unclear("没有答复", "no answer in time")
    return unclear("连接在答复前中断", "the connection ended before an answer")


def _read_bounded(answer: Any) -> None:
    """Read an answer as far as it comes, and at most its beginning."""
    from urllib3.exceptions import HTTPError

    answer._content = b""  # noqa: SLF001  what requests itself would read without bounds
    with suppress(HTTPError, OSError):
        answer._content = answer.raw.read(_MOST_OF_AN_ANSWER, decode_content=True)  # noqa: SLF001
    answer.close()
