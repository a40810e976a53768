"""The result of ``doctor`` as text and as JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import IO

import msgspec

from merchantwatch.errors import UsageError
from merchantwatch.language.text import Text
from merchantwatch.reports.page import Page, padded
from merchantwatch.results.health import Finding
from merchantwatch.support import writing
from merchantwatch.support.harmless import in_json

SCHEMA = "merchantwatch.doctor/1"
FORMATS = ("text", "json")

_STATES = {
    "ok": (Text(zh="正常", en="ok"), "green"),
    "warn": (Text(zh="注意", en="warn"), "yellow"),
    "fail": (Text(zh="故障", en="fail"), "red"),
}
_NAMES = {
    "settings": Text(zh="设置", en="settings"),
    "time-zone": Text(zh="时区", en="time zone"),
    "inputs": Text(zh="输入", en="inputs"),
    "mapping": Text(zh="映射", en="mapping"),
    "rules": Text(zh="规则", en="rules"),
    "lock": Text(zh="锁", en="lock"),
    "history": Text(zh="历史", en="history"),
    "disk": Text(zh="磁盘", en="disk"),
    "notifier": Text(zh="通知", en="notifier"),
    "heartbeat": Text(zh="心跳", en="heartbeat"),
}


def check_format(name: str) -> None:
    """Raise UsageError when ``doctor`` has no such output."""
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        raise UsageError(f"-o {name}: doctor has {known}", f"-o {name}：doctor 可用 {known}")


def write(found: Sequence[Finding], lang: str, fmt: str, path: Path | str | None) -> None:
    """Write what was found to a path, or to standard output when there is none."""
    render = _json if fmt == "json" else _text
    writing.write(lambda file: render(found, lang, file), path)


def _text(found: Sequence[Finding], lang: str, file: IO[bytes]) -> None:
    page = Page(file, lang)
    for one in found:
        state, colour = _STATES[one.state]
        lead = f"{padded(state.of(lang), 5)} {padded(_NAMES[one.name].of(lang), 10)} "
        page.row(lead, one.text.of(lang), "" if one.state == "ok" else colour)
        if one.remedy:
            # Under the text: 5 and 10 cells of columns, and a blank after each.
            page.row(" " * 17, f"→ {one.remedy.of(lang)}")
    page.write()


def _json(found: Sequence[Finding], lang: str, file: IO[bytes]) -> None:
    content = {
        "schema": SCHEMA,
        "checks": [
            {
                "name": one.name,
                "state": one.state,
                "text": one.text.of(lang),
                "remedy": one.remedy.of(lang) if one.remedy else None,
            }
            for one in found
        ],
    }
    file.write(in_json(msgspec.json.format(msgspec.json.encode(content), indent=1)) + b"\n")
