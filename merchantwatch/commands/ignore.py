"""``ignore``: entries of the file of suppressions added, listed and removed."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

from merchantwatch.commands.ignore_file import with_entry, without
from merchantwatch.errors import UsageError
from merchantwatch.language.moments import duration
from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.reading.suppressions import checked, read_suppressions, text_of
from merchantwatch.reports.suppressed import what
from merchantwatch.rules import Suppression, with_suppressions
from merchantwatch.run.start import every_rule
from merchantwatch.settings import IGNORE_NAME, Settings, resolve
from merchantwatch.support.writing import show, write


def add(
    entry: Mapping[str, str | None], ignore_file: str | None, config: str | None, lang: str
) -> int:
    """Add an entry to the file, which is created if there is none."""
    settings = resolve({"ignore_file": ignore_file}, config)
    path = _place(settings)
    fields = {name: value.strip() for name, value in entry.items() if value}
    fields["until"] = _last_day(fields["until"], settings.as_of.date()).isoformat()
    text = text_of(path) if path.exists() else ""
    content, new, renewed = with_entry(path, text, fields)
    # Only for its errors: an entry for no rule must not get into the file.
    with_suppressions(every_rule(settings), [new], str(path))
    write(lambda file: file.write(content.encode()), path)
    message = _RENEWED if renewed else _ADDED
    show(message.fill(path=path, entry=_line(new)).of(lang) + "\n")
    return 0


_ADDED = Text(zh="{path}：已加入\n{entry}", en="{path}: added\n{entry}")
_RENEWED = Text(zh="{path}：已更新\n{entry}", en="{path}: renewed\n{entry}")


def list_entries(as_of: str | None, ignore_file: str | None, config: str | None, lang: str) -> int:
    """List the entries, and which have expired."""
    settings = resolve({"ignore_file": ignore_file, "as_of": as_of}, config)
    if settings.ignore_file is None:
        show(_NO_FILE.of(lang) + "\n")
        return 0
    entries = read_suppressions(settings.ignore_file)
    # Only for its errors, as when one is added.
    with_suppressions(every_rule(settings), entries, str(settings.ignore_file))
    day = settings.as_of.date()
    old = sum(not entry.holds_on(day) for entry in entries)
    lines = [_HEAD.fill(path=settings.ignore_file, n=len(entries), old=old)]
    lines += (_with_state(entry, day) for entry in entries)
    show("".join(f"{line.of(lang)}\n" for line in lines))
    return 0


_NO_FILE = Text(
    zh=f"没有 {IGNORE_NAME}；用 merchantwatch ignore add 新建",
    en=f"there is no {IGNORE_NAME}; 'merchantwatch ignore add' makes one",
)
_HEAD = Text(zh="{path}：{n} 条，{old} 条已过期", en="{path}: entries: {n}, expired: {old}")


def prune(
    as_of: str | None, ignore_file: str | None, config: str | None, lang: str, *, dry_run: bool
) -> int:
    """Remove the entries that have expired."""
    settings = resolve({"ignore_file": ignore_file, "as_of": as_of}, config)
    path = settings.ignore_file
    if path is None:
        show(_NO_FILE.of(lang) + "\n")
        return 0
    text, day = text_of(path), settings.as_of.date()
    old = [entry for entry in checked(path, text) if not entry.holds_on(day)]
    if old and not dry_run:
        content = without(path, text, [entry.number for entry in old])
        write(lambda file: file.write(content.encode()), path)
    head = (_WOULD_REMOVE if dry_run else _REMOVED) if old else _NONE_OLD
    lines = [head.fill(path=path, n=len(old)), *map(_line, old)]
    show("".join(f"{line.of(lang)}\n" for line in lines))
    return 0


_REMOVED = Text(zh="{path}：已删除 {n} 条过期条目", en="{path}: expired entries removed: {n}")
_WOULD_REMOVE = Text(
    zh="{path}：有 {n} 条过期条目待删除", en="{path}: expired entries to remove: {n}"
)
_NONE_OLD = Text(zh="{path}：没有过期条目", en="{path}: no entry has expired")


def _place(settings: Settings) -> Path:
    """Return the file to change; if there is none yet, one beside the settings."""
    if settings.ignore_file is not None:
        return settings.ignore_file
    return (settings.config.parent if settings.config else Path()) / IGNORE_NAME


def _last_day(text: str, today: date) -> date:
    """Return the day of a date or of a duration from today. Raises UsageError otherwise."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = today + _length(text)
    if day < today:
        raise UsageError(f"--until {text}: that day has passed", f"--until {text}：这一天已经过去")
    return day


def _length(text: str) -> timedelta:
    with suppress(UsageError):
        length = duration(text, "--until")
        if length <= _LONGEST:
            return length
    raise UsageError(
        f"--until {text[:40]!r}: write it like 2026-12-31 or 14d",
        f"--until {text[:40]!r}：请写成 2026-12-31 或 14d",
    )


_LONGEST = timedelta(days=3660)


def _line(entry: Suppression) -> Text:
    owner = f" · {entry.owner}" if entry.owner else ""
    named = what(entry)
    return Text(
        zh=f"  {entry.number}. {named.zh}，至 {entry.until} · {entry.reason}{owner}",
        en=f"  {entry.number}. {named.en}, until {entry.until} · {entry.reason}{owner}",
    )


def _with_state(entry: Suppression, day: date) -> Text:
    line = _line(entry)
    if not entry.holds_on(day):
        return Text(zh=f"{line.zh} · 已过期", en=f"{line.en} · expired")
    left = (entry.until - day).days
    return Text(zh=f"{line.zh} · 还有 {left} 天", en=f"{line.en} · {number_of(left, 'day')} left")
