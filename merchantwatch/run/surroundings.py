"""The checks of a nightly scan's surroundings: lock, history, disk, channels, heartbeat."""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from merchantwatch.errors import MerchantwatchError, OutputError
from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.results.health import Finding, fail, ok, warn
from merchantwatch.results.wording import clock
from merchantwatch.run.places import place_of
from merchantwatch.run.record import check_place
from merchantwatch.settings import Settings
from merchantwatch.support.addresses import http_address
from merchantwatch.support.leftovers import temporaries

if TYPE_CHECKING:
    from merchantwatch.history.store import Store

_LATELY = timedelta(hours=26)
"""If the last run is older than this, a nightly run was missed."""

_LITTLE, _HARDLY = 2 << 30, 200 << 20
"""With less free bytes than this a disk counts as nearly full, and as full."""

_WAIT = Text(zh="请待其结束", en="wait until it has ended")
_CRON = Text(
    zh="看看 cron 是否还在运行它：merchantwatch cron",
    en="look whether cron runs it: merchantwatch cron",
)
_FREE = Text(zh="请腾出空间", en="make room")
_FLUSH = Text(zh="运行 merchantwatch notify flush", en="send them now: merchantwatch notify flush")
_TRY = Text(zh="试发：merchantwatch notify test", en="try them out: merchantwatch notify test")


def lock(settings: Settings) -> Iterator[Finding]:
    """Check whether another run holds the lock of the history."""
    if settings.history is None:
        yield ok("lock", "没有历史记录，不加锁", "no history, so no lock")
        return
    from merchantwatch.history.lock import LockedError, locked

    place = place_of(settings.history)
    if isinstance(place, Path) and not place.exists():
        yield ok("lock", "空闲", "free")
        return
    try:
        with locked(place):
            yield ok("lock", "空闲", "free")
    except LockedError as error:
        yield warn("lock", Text(zh=error.zh, en=error.en), _WAIT)


def history(settings: Settings) -> Iterator[Finding]:
    """Check whether runs can be recorded, the last run, and waiting deliveries."""
    if settings.history is None:
        zh, en = "未开启（[history] 或 --history）", "off ([history] or --history)"
        yield ok("history", zh, en)
        return
    from merchantwatch.history.store import opened

    check_place(settings)
    place = place_of(settings.history)
    if isinstance(place, Path) and not place.exists():
        zh, en = f"{place}：首次运行时创建", f"{place}: the first run makes it"
        yield _writable("history", place) or ok("history", zh, en)
        return
    with opened(place, dry_run=True) as store:
        yield from _runs(store, settings, place)


def _runs(store: "Store", settings: Settings, place: Path | str) -> Iterator[Finding]:
    from merchantwatch.history import ledger
    from merchantwatch.notify import attempts

    with store.rehearsing() as connection:
        last = ledger.last_run(connection)
        waiting = len(attempts.waiting(connection))
    size = f", {place.stat().st_size / (1 << 20):.1f} MB" if isinstance(place, Path) else ""
    if isinstance(place, Path) and (bad := _writable("history", place)):
        yield bad
    elif last is None:
        yield ok("history", f"{store.shown}：尚无运行{size}", f"{store.shown}: no run yet{size}")
    else:
        zh = f"{store.shown}：上次运行 {clock(last.as_of)}{size}"
        en = f"{store.shown}: the last run was as of {clock(last.as_of)}{size}"
        late = settings.as_of - last.as_of > _LATELY
        yield warn("history", Text(zh=zh, en=en), _CRON) if late else ok("history", zh, en)
    if waiting:
        zh, en = (
            f"{waiting} 条消息待发",
            f"{number_of(waiting, 'delivery')} still to be sent",
        )
        yield warn("notifier", Text(zh=zh, en=en), _FLUSH)


def disk(settings: Settings) -> Iterator[Finding]:
    """Check whether there is room for temporary files, reports and the history."""
    folders = {temporaries(), Path.cwd()}
    for entry in settings.output:
        path = entry.partition(":")[2]
        # An address has no disk here, and a folder named by date may not exist yet.
        if path and "://" not in path and "{" not in str(Path(path).parent):
            folders.add(Path(path).parent)
    if settings.history is not None and isinstance(place := place_of(settings.history), Path):
        folders.add(place.parent)
    for folder in sorted({folder.absolute() for folder in folders}):
        yield from _room(folder)


def _room(folder: Path) -> Iterator[Finding]:
    # The nearest folder that exists: a run creates those below it.
    existing = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    if not os.access(existing, os.W_OK):
        zh, en = f"{existing}：不可写", f"{existing}: it cannot be written to"
        yield fail("disk", Text(zh=zh, en=en), OutputError.exit_code)
        return
    free = shutil.disk_usage(existing).free
    size = f"{free / (1 << 30):.1f} GB"
    text = Text(zh=f"{folder}：剩余 {size}", en=f"{folder}: {size} free")
    if free < _HARDLY:
        yield fail("disk", text, OutputError.exit_code, _FREE)
    elif free < _LITTLE:
        yield warn("disk", text, _FREE)
    else:
        yield ok("disk", text.zh, text.en)


def notifier(settings: Settings) -> Iterator[Finding]:
    """Check whether each channel has a valid address; nothing is sent."""
    from merchantwatch.notify.channels import policy_of
    from merchantwatch.notify.receivers import receiver_of

    policy = policy_of(settings.notify)
    if not policy.channels:
        yield ok("notifier", "未配置渠道", "no channels")
        return
    if settings.history is None:
        zh, en = "没有历史记录，不会发送通知", "nothing is sent without a history"
        yield warn("notifier", Text(zh=zh, en=en), Text(zh="加上 [history]", en="add [history]"))
    for channel in policy.channels:
        try:
            receiver_of(channel)
        except MerchantwatchError as error:
            yield fail("notifier", Text(zh=error.zh, en=error.en), OutputError.exit_code)
        else:
            text = Text(zh=f"渠道 {channel.name} 可用", en=f"channel {channel.name} is set up")
            yield Finding("notifier", "ok", text, _TRY)


def heartbeat(settings: Settings) -> Iterator[Finding]:
    """Check whether the heartbeat can be sent."""
    targets = settings.heartbeat
    if not targets.url and not targets.path:
        yield ok("heartbeat", "未配置", "none")
    if targets.url:
        name = targets.url.removeprefix("env:")
        try:
            http_address(name)
        except ValueError:
            zh, en = f"环境变量 {name} 中没有 http(s) 地址", f"{name} holds no http(s) address"
            remedy = Text(zh=f"请设置 {name}", en=f"set {name} where cron runs")
            yield warn("heartbeat", Text(zh=zh, en=en), remedy)
        else:
            yield ok("heartbeat", f"{name} 已设置", f"{name} is set")
    if targets.path:
        path = (settings.config.parent if settings.config else Path()) / targets.path
        yield _writable("heartbeat", path) or ok("heartbeat", str(path), str(path))


def _writable(name: str, path: Path) -> Finding | None:
    """Return the finding that a file cannot be written; None if it can."""
    existing = next((one for one in (path, *path.parents) if one.exists()), path)
    if os.access(existing, os.W_OK) and (existing != path or os.access(path.parent, os.W_OK)):
        return None
    zh, en = f"{path}：不可写", f"{path}: it cannot be written"
    return fail(name, Text(zh=zh, en=en), OutputError.exit_code)
