"""Notes: what was assumed, computed, masked or unknown, each with its number of lines."""

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta

from merchantwatch import accounting, people, wording
from merchantwatch.accounting import Tally
from merchantwatch.engines import Engine
from merchantwatch.fields import PROMISE_HOURS
from merchantwatch.findings import Note
from merchantwatch.formats import MAPPED
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.stages import stage
from merchantwatch.reading import BY_ORDER, Export
from merchantwatch.rules import Rulebook
from merchantwatch.settings import Settings
from merchantwatch.texts import Text

STALE_AFTER = timedelta(hours=6)
"""An export older than this at as-of no longer shows what has happened since."""

UNREVIEWED_AFTER = timedelta(days=180)
"""A pack not held against its sources for longer than this may state numbers of old."""

MOST_NAMED = 5
"""How many files or shops a note names."""

_COUNTED = {
    "promise_computed": Text(
        zh=f"导出中没有承诺发货时间，按付款后 {PROMISE_HOURS} 小时计算",
        en=f"the export states no promised time: taken as {PROMISE_HOURS} hours after payment",
    ),
    "masked": Text(
        zh="有晚于判定时刻的记录，按尚未发生处理",
        en="something happened after as-of: taken as not yet happened",
    ),
    "case_masked": Text(
        zh="售后单在判定时刻之后才答复或完结，其状态按当时已发生的记录推断",
        en="a case was answered or closed after as-of: its status is told from what had happened "
        "by then",
    ),
    "without_seconds": Text(
        zh="时间没有秒，或是取整的数字（多为 Excel 另存所致），按 :00 秒读取，临界处可能相差一分钟",
        en="times without seconds, or as rounded numbers, as Excel saves them: they may be a "
        "minute off",
    ),
    "amount_unread": Text(zh="金额无法识别，按未知处理", en="the amount cannot be read: unknown"),
    "quantity_unread": Text(
        zh="数量无法识别，按未知处理", en="the quantity cannot be read: unknown"
    ),
    "divided": Text(
        zh="一行里有一个订单的多个子订单：已拆开，每个子订单算一行；"
        "合计的金额和数量无法拆分，按未知处理",
        en="lines that stood together in one row of their order, each counted as a row; the amount "
        "or quantity of the whole order is unknown of a line",
    ),
    "shipped_without_time": Text(
        zh="状态为已发货或已完成，但没有发货时间；按未发货计时",
        en="the status says shipped, but no shipping time stands there: taken as not shipped",
    ),
}


def notes(
    engine: Engine, settings: Settings, book: Rulebook, plan: Plan, tally: Tally
) -> Iterator[Note]:
    """Yield the notes of a run, the gravest first."""
    yield from _stale(engine, settings, tally)
    yield from _unknown_words(engine, tally)
    yield from _counted(plan, tally)
    yield from _closed(settings, tally)
    yield from _mapped(settings, tally)
    yield from _unmatched(tally)
    yield from _shared_cases(engine, tally)
    yield from _shops(tally)
    yield from _read_with_doubt(tally)
    yield from people.notes(engine, plan, tally)
    yield from _window(book, plan, tally)
    yield from _unreviewed(settings, plan)


_STALE_JOINED = Text(
    zh="{file} 导出于 {at}，判定时已过去 {age}；其后售后和物流的变化未计入，请重新导出后再看",
    en="{file} was exported {at}, {age} before as-of; what has become of its cases and parcels "
    "since is not known; export it again",
)


def _stale(engine: Engine, settings: Settings, tally: Tally) -> Iterator[Note]:
    """Tell the age of old exports, and how many lines stand in the report because of them."""
    for export in tally.exports:
        made = export.exported_at
        if made is None or settings.as_of - made <= STALE_AFTER:
            continue
        if export.form.kind != "orders":
            at, age = wording.clock(made), wording.span(settings.as_of - made)
            yield Note("stale-export", 0, _STALE_JOINED.fill(file=export.label, at=at, age=age))
        if not tally.lines_by_source.get(export.number, 0):
            continue
        hit = engine.table(stage("hit_lines_of", source=export.number)).to_pylist()[0]["lines"]
        text = Text(
            zh="{file} 导出于 {at}，判定时已过去 {age}；依赖它的结论有 {n} 行，请重新导出后再看",
            en="{file} was exported {at}, {age} before as-of; verdicts that depend on it: {n}; "
            "export it again",
        )
        at, age = wording.clock(made), wording.span(settings.as_of - made)
        yield Note("stale-export", hit, text.fill(file=export.label, at=at, age=age, n=hit))


def _unknown_words(engine: Engine, tally: Tally) -> Iterator[Note]:
    for field, words in accounting.unknown_words(engine, tally).items():
        listed = ", ".join(f"{word} ({lines})" for word, lines in words)
        text = Text(
            zh="不认识的{field}取值：{words}；这些行在读取该字段的规则中不判定",
            en="unknown words in {field}: {words}; rules that read it leave these lines unjudged",
        ).fill(field=field, words=listed)
        code = f"unknown-{field.replace('_', '-')}"
        yield Note(code, tally.total(f"{field}_unknown"), text)


def _counted(plan: Plan, tally: Tally) -> Iterator[Note]:
    read = {field for bound in plan.rules for field in bound.reads}
    for name, text in _COUNTED.items():
        lines = tally.total(name) if name in tally.lines.flags else 0
        if name == "promise_computed" and "promised_ship_at" not in read:
            continue
        if name == "shipped_without_time":
            lines = sum(
                row[name]
                for source, row in tally.by_source.items()
                if "shipped_at" in _export(tally, source).cells
            )
        if lines:
            yield Note(name.replace("_", "-"), lines, text)


def _closed(settings: Settings, tally: Tally) -> Iterator[Note]:
    """Count closed lines of exports made after as-of: when they were closed is not told."""
    closed = sum(
        row["closed"]
        for source, row in tally.by_source.items()
        if (made := _export(tally, source).exported_at) is not None and made > settings.as_of
    )
    if closed:
        yield Note(
            "closed-after-as-of",
            closed,
            Text(
                zh="导出晚于判定时刻，其中已关闭的行仍按已关闭处理（关闭时间未知）",
                en="the export is later than as-of: its closed lines stay closed, since nobody "
                "tells when they were",
            ),
        )


def _mapped(settings: Settings, tally: Tally) -> Iterator[Note]:
    if settings.map and all(export.form.code != MAPPED for export in tally.exports):
        yield Note(
            "mapping-unused",
            0,
            Text(
                zh="列映射没有用上：所有文件都已按已知格式识别",
                en="the mapping was not used: every file was recognised by a format",
            ),
        )
    for source, row in tally.by_source.items():
        export = _export(tally, source)
        if export.form.code != MAPPED:
            continue
        if "paid_at" not in export.cells and "created_at" in export.cells:
            yield Note(
                "paid-from-created",
                row["lines"],
                Text(
                    zh=f"{export.label} 没有付款时间，按下单即付款处理",
                    en=f"{export.label} has no time of payment: counted as paid when created",
                ),
            )
        if "status" not in export.cells:
            yield Note(
                "status-from-times",
                row["lines"],
                Text(
                    zh=f"{export.label} 没有订单状态，按发货、签收、完成时间推断",
                    en=f"{export.label} has no status: told from its shipping and delivery times",
                ),
            )


_UNMATCHED = {
    "cases": Text(
        zh="{n} 个售后单的订单不在所读文件中，未参与判定：{first}",
        en="cases whose order is in none of the files, and which were not judged: {n} ({first})",
    ),
    "parcels": Text(
        zh="{n} 个包裹的订单不在所读文件中，未参与判定：{first}",
        en="parcels whose order is in none of the files, and which were not judged: {n} ({first})",
    ),
}


def _unmatched(tally: Tally) -> Iterator[Note]:
    """Tell the cases and parcels that belong to no line."""
    for kind, found in tally.unmatched.items():
        if found.total:
            first = ", ".join(found.first) + (" …" if found.total > len(found.first) else "")
            text = _UNMATCHED[kind].fill(n=f"{found.total:,}", first=first)
            yield Note(f"{kind}-unmatched", 0, text)


def _shared_cases(engine: Engine, tally: Tally) -> Iterator[Note]:
    """Tell the lines that have their case together, since it names their order and no product."""
    lines = accounting.lines_sharing_cases(engine, tally)
    if lines:
        yield Note(
            "cases-of-several-lines",
            lines,
            Text(
                zh="售后单只写了订单号，而该订单有多行：对每一行都按有该售后单处理",
                en="the case names only an order of several lines: it counts for each of them",
            ),
        )


def _shops(tally: Tally) -> Iterator[Note]:
    """Tell which shops have no name but letters, and which lines are counted apart without one."""
    exports = [_export(tally, source) for source in tally.by_source]
    silent = [export for export in exports if "shop" not in export.cells]
    lettered = [export for export in silent if export.shop_from == "file name"]
    if lettered:
        text = Text(
            zh="店铺仅由抖店文件名末尾的字母区分：{shops}；"
            "可在 merchantwatch.toml 的 [[shops]] 里命名",
            en="shops told only by the letters at the end of Douyin's file names: {shops}; "
            "name them under [[shops]] in merchantwatch.toml",
        )
        shops = {str(export.shop) for export in lettered}
        yield Note("shop-from-file-name", _lines(tally, lettered), text.fill(shops=_some(shops)))
    platforms = tally.platforms
    told = {platforms[e.number] for e in exports if e.shop or "shop" in e.cells}
    untold = [e for e in silent if e.shop is None and platforms[e.number] in told]
    if untold:
        text = Text(
            zh="{files} 没有说明属于哪个店铺，与已知店铺分开计数；"
            "请在 merchantwatch.toml 的 [[shops]] 里指明，若都属同一店铺可用 --shop",
            en="{files}: nothing tells the shop, so these lines are counted apart from the known "
            "shops; name it under [[shops]] in merchantwatch.toml, or with --shop if all are one",
        )
        files = {export.label for export in untold}
        yield Note("shop-untold", _lines(tally, untold), text.fill(files=_some(files)))


def _read_with_doubt(tally: Tally) -> Iterator[Note]:
    """Tell what a file leaves open: its encoding, and which of several columns of one name."""
    for export in tally.exports:
        if export.encoding_from == BY_ORDER:
            text = Text(
                zh="{file} 的表头看不出是哪种编码，按 {encoding} 读取（全文可解码）；"
                "如有乱码请另存为 UTF-8",
                en="{file}: nothing in its header tells the encoding; read as {encoding}, which "
                "decodes all of it. Save it as UTF-8 if names look wrong",
            ).fill(file=export.label, encoding=str(export.encoding).upper())
            yield Note("encoding-assumed", tally.lines_by_source.get(export.number, 0), text)
        twice = export.repeated
        if twice:
            text = Text(
                zh="{file} 有同名的列：{columns}；按最左边的一列读取",
                en="{file}: several columns are called {columns}; the leftmost was read",
            ).fill(file=export.label, columns=_some(twice))
            yield Note("repeated-column", tally.lines_by_source.get(export.number, 0), text)


def _lines(tally: Tally, exports: Iterable[Export]) -> int:
    return sum(tally.lines_by_source[export.number] for export in exports)


def _some(names: Collection[str]) -> str:
    """Return names in their order, no more of them than a note can hold."""
    return ", ".join(sorted(names)[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")


def _window(book: Rulebook, plan: Plan, tally: Tally) -> Iterator[Note]:
    """Say which period a count without a window covers."""
    bound = book.of_code("DY101")
    first, last = tally.first("created_first"), tally.last("created_last")
    if bound not in plan.rules or bound is None or bound.rule.window_days or not first or not last:
        return
    yield Note(
        "period-covered",
        tally.total("lines"),
        Text(
            zh="DY101 没有期限，统计的是导出覆盖的全部订单（{first} 至 {last}）；"
            "可在 merchantwatch.toml 的 [rules.DY101] 设置 window_days",
            en="DY101 knows no window: it counts all orders in the export ({first} to {last}); "
            "set window_days under [rules.DY101] in merchantwatch.toml",
        ).fill(first=f"{first:%Y-%m-%d}", last=f"{last:%Y-%m-%d}"),
    )


def _unreviewed(settings: Settings, plan: Plan) -> Iterator[Note]:
    """Say which rules were last held against their sources too long ago."""
    old = [b for b in plan.rules if settings.as_of.date() - b.reviewed > UNREVIEWED_AFTER]
    if old:
        yield Note(
            "pack-unreviewed",
            0,
            Text(
                zh="{codes} 的规则包自 {day} 起未再核对（超过 180 天），平台规则可能已变",
                en="the packs of {codes} were last reviewed on {day}, more than 180 days ago: "
                "the platform's rules may have changed",
            ).fill(codes=_some([b.code for b in old]), day=min(b.reviewed for b in old)),
        )


def _export(tally: Tally, source: int) -> Export:
    return next(export for export in tally.exports if export.number == source)
