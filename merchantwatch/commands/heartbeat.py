"""The heartbeat: reports the start and the end of a run to a monitor of cron jobs.

Addresses are requested as healthchecks.io defines them: ``URL/start``, then ``URL``, or
``URL/CODE`` after a failure. A failed delivery is printed, but does not fail a run, nor delay it
for long.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from merchantwatch import __version__
from merchantwatch.config import Heartbeat
from merchantwatch.errors import OutputError
from merchantwatch.language.text import Text
from merchantwatch.settings import Settings
from merchantwatch.support import log
from merchantwatch.support.addresses import http_address
from merchantwatch.support.ending import on_end
from merchantwatch.support.streams import complain
from merchantwatch.support.writing import write

_SECONDS, _ATTEMPTS = 4, 2
"""The time limit of one request, and how many are made at most."""

_OTHER_METHOD = (405, 501)
"""The status codes of a server that accepts POST only."""

_FAILED = Text(
    zh="merchantwatch: 心跳（{state}）未送达：{why}",
    en="merchantwatch: heartbeat ({state}) not delivered: {why}",
)


@dataclass
class _Sending:
    """The delivery of one state, in a thread; ``why`` says what went wrong, if anything."""

    state: str
    send: Callable[[], None]
    why: Text | None = None
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        # The start is sent while the run works; a daemon cannot hold up the end of the process.
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.send()
        except _UndeliveredError as error:
            self.why = error.why

    def finish(self, lang: str) -> None:
        """Wait for the thread, as long as its requests may take, and print what went wrong."""
        self.thread.join(_SECONDS * _ATTEMPTS + 1)
        if self.thread.is_alive():
            self.why = _NO_ANSWER
        log.event("heartbeat", state=self.state, delivered=self.why is None)
        if self.why:
            complain(_FAILED.fill(state=self.state, why=self.why).of(lang))


class _UndeliveredError(Exception):
    """A heartbeat was not delivered. It contains no address, which is as secret as a password."""

    def __init__(self, why: Text, answer: int | None = None) -> None:
        super().__init__(why.en)
        self.why, self.answer = why, answer


_NO_ANSWER = Text(zh="没有回应", en="no answer")


def beat(settings: Settings) -> None:
    """Send that a run starts, and register the sending of its end."""
    for target in _targets(settings.heartbeat, settings.config):
        _follow(target, settings.lang)


def _follow(target: "_Target", lang: str) -> None:
    start = _Sending("start", lambda: target("start", None))

    def ended(code: int) -> None:
        start.finish(lang)
        state = "failure" if code else "success"
        _Sending(state, lambda: target(state, code)).finish(lang)

    on_end.append(ended)


_Target = Callable[[str, int | None], None]


def _targets(settings: Heartbeat, config: Path | None) -> list[_Target]:
    targets: list[_Target] = []
    if settings.url:
        name = settings.url.removeprefix("env:")
        targets.append(lambda _state, code: _ask(name, code))
    if settings.path:
        path = (config.parent if config else Path()) / settings.path
        targets.append(lambda state, code: _write(path, state, code))
    return targets


def _ask(name: str, code: int | None) -> None:
    """Request the address of a state. Raises _UndeliveredError after the last failed attempt."""
    try:
        parts = urlsplit(http_address(name))
    except ValueError:
        raise _UndeliveredError(
            Text(zh=f"环境变量 {name} 中没有 http(s) 地址", en=f"{name} holds no http(s) address")
        ) from None
    suffix = "/start" if code is None else f"/{code}" if code else ""
    url = urlunsplit(parts._replace(path=parts.path.rstrip("/") + suffix))
    # GET is what most monitors expect; a server that refuses it is tried with POST.
    method = "GET"
    for left in reversed(range(_ATTEMPTS)):
        try:
            _visit(url, method)
        except _UndeliveredError as error:
            if not left:
                raise
            if error.answer in _OTHER_METHOD:
                method = "POST"
        else:
            return


def _visit(url: str, method: str) -> None:
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    headers = {"User-Agent": f"merchantwatch/{__version__}"}
    request = Request(url, headers=headers, method=method)  # noqa: S310  looked at before
    try:
        with urlopen(request, timeout=_SECONDS):  # noqa: S310
            pass
    # A kind of OSError, as a timeout is: both stand before it.
    except HTTPError as error:
        error.close()
        why = Text(zh=f"回应 {error.code}", en=f"answered {error.code}")
        raise _UndeliveredError(why, error.code) from None
    except TimeoutError:
        raise _UndeliveredError(_NO_ANSWER) from None
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise _UndeliveredError(_NO_ANSWER) from None
        # Not its message, which may hold the address.
        reason_text = getattr(reason, "strerror", None) or type(reason).__name__
        raise _UndeliveredError(Text.same(reason_text)) from None


def _write(path: Path, state: str, code: int | None) -> None:
    """Write a state to a file, atomically."""
    import msgspec

    record = {"state": state, "exit": code, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(lambda file: file.write(msgspec.json.encode(record) + b"\n"), path)
    except OSError as error:
        why = f"{path}: {error.strerror}"
        raise _UndeliveredError(Text.same(why)) from None
    except OutputError as error:
        raise _UndeliveredError(Text(zh=error.zh, en=error.en)) from None
