"""Guards that need no earlier run: the inputs are old, or incomplete."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from merchantwatch.language.text import Text
from merchantwatch.results import wording
from merchantwatch.results.accounting import Tally
from merchantwatch.results.bad_rows import BadRows, unread
from merchantwatch.results.inputs import InputFile
from merchantwatch.results.past import Guard
from merchantwatch.results.records import STALE_AFTER, STALE_EXPORT
from merchantwatch.settings import Settings

STALE_DATA_AFTER = timedelta(days=3)
"""Data is stale if its newest event is older than this, however new its file is."""

UNNAMED = Text(zh="（未注明店铺）", en="(shop not named)")


def guards(
    settings: Settings, tally: Tally, inputs: tuple[InputFile, ...], failed: tuple[Text, ...]
) -> Iterator[Guard]:
    """Yield the reasons to doubt the inputs of a run, the most severe first."""
    bound = BadRows.parse(settings.max_bad_rows)
    n = f"{len(failed):,}"
    unreadable = Text(zh=f"{n} 个文件读不了", en=f"files that could not be read: {n}")
    reasons = [unreadable] if failed else []
    reasons += [reason for _, reason in unread((), inputs, bound)]
    for reason in reasons:
        text = Text(
            zh="数据不完整（{why}）：没有发现的问题不视为已解决",
            en="the data is incomplete ({why}): what was not found does not count as resolved",
        )
        yield Guard("partial", None, text.fill(why=reason))
    stale = list(_stale_exports(settings.as_of, inputs))
    yield from stale
    yield from _stale_data(settings.as_of, tally, {guard.shop for guard in stale})


def _stale_exports(as_of: datetime, inputs: tuple[InputFile, ...]) -> Iterator[Guard]:
    """Yield a guard for each shop whose newest export of some kind is too old."""
    newest: dict[tuple[str | None, str], InputFile] = {}
    for item in inputs:
        known = newest.get((item.shop, item.kind))
        if item.exported_at and (known is None or _age(as_of, item) < _age(as_of, known)):
            newest[item.shop, item.kind] = item
    for (shop, _), item in newest.items():
        if item.exported_at and _age(as_of, item) > STALE_AFTER:
            text = Text(
                zh="导出已过去 {age}（{at}）：其后的变化未计入，请重新导出；{file}",
                en="the export is {age} old ({at}): what has happened since is not known, export "
                "it again; {file}",
            )
            at, age = wording.clock(item.exported_at), wording.span(_age(as_of, item))
            yield Guard(STALE_EXPORT, shop, text.fill(file=item.path, at=at, age=age))


def _age(as_of: datetime, item: InputFile) -> timedelta:
    return as_of - (item.exported_at or as_of)


def _stale_data(as_of: datetime, tally: Tally, stale: Collection[str | None]) -> Iterator[Guard]:
    """Yield a guard for each shop without events for days, though its files are new."""
    newest: dict[str | None, datetime] = {}
    shops = {export.number: export.shop for export in tally.exports}
    for source, row in tally.by_source.items():
        shop, event = shops[source], row["newest_event"]
        if event is not None:
            newest[shop] = max(event, newest.get(shop, event))
    for shop, event in newest.items():
        if shop not in stale and as_of - event > STALE_DATA_AFTER:
            yield stale_data(as_of, shop, event)


def stale_data(as_of: datetime, shop: str | None, newest: datetime) -> Guard:
    """Return the guard of a shop whose newest event is too old, though its file is new."""
    text = Text(
        zh="店铺 {shop} 最新记录是 {age}前（{at}），文件却是新的：请确认导出的日期范围",
        en="the newest event of shop {shop} is {age} old ({at}), though its file is new: "
        "check the days that were exported",
    )
    at, age = wording.clock(newest), wording.span(as_of - newest)
    return Guard("stale-data", shop, text.fill(shop=shop or UNNAMED, at=at, age=age))
