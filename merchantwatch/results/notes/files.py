"""Notes on the files of a run: their age, and what they leave open."""

from collections.abc import Collection, Iterable, Iterator

from merchantwatch.engines import Engine
from merchantwatch.formats import MAPPED
from merchantwatch.language.quarantine_reasons import REASONS
from merchantwatch.language.text import Text
from merchantwatch.pipeline.carried import infers_payment, infers_status
from merchantwatch.pipeline.rendering import render_sql
from merchantwatch.reading import BY_TEXT, Export
from merchantwatch.results import quarantine, wording
from merchantwatch.results.accounting import Tally
from merchantwatch.results.inputs import Fault
from merchantwatch.results.records import STALE_AFTER, STALE_EXPORT, Note
from merchantwatch.settings import Settings

MOST_NAMED = 5
"""At most this many files or shops are named in a note."""

_STALE = Text(
    zh="{file} 导出于 {at}，判定时已过去 {age}；依赖它的结论有 {n} 行，请重新导出后再看",
    en="{file} was exported {at}, {age} before as-of; verdicts that depend on it: {n}; "
    "export it again",
)
_STALE_JOINED = Text(
    zh="{file} 导出于 {at}，判定时已过去 {age}；其后售后和物流的变化未计入，请重新导出后再看",
    en="{file} was exported {at}, {age} before as-of; what has become of its cases and parcels "
    "since is not known; export it again",
)


def stale(engine: Engine, settings: Settings, tally: Tally) -> Iterator[Note]:
    """Note the age of old exports, and how many lines of the report depend on them."""
    exported = {export.number: export.exported_at for export in tally.exports}
    old = {n: at for n, at in exported.items() if at and settings.as_of - at > STALE_AFTER}
    # Only where a note needs it: the query counts all hits.
    found = engine.table(render_sql("hit_lines_by_source")).to_pylist() if old else []
    hits = {row["source"]: row["lines"] for row in found}
    for number, at in old.items():
        export = export_of(tally, number)
        # Cases and parcels have no verdicts of their own: only lines do.
        filled = {"at": wording.clock(at), "age": wording.span(settings.as_of - at)}
        if export.form.kind != "orders":
            yield Note(STALE_EXPORT, 0, _STALE_JOINED.fill(file=export.label, **filled))
        if tally.lines_by_source.get(number, 0):
            hit = hits.get(number, 0)
            yield Note(STALE_EXPORT, hit, _STALE.fill(file=export.label, n=hit, **filled))


def mapped(settings: Settings, tally: Tally) -> Iterator[Note]:
    """Note assumptions about mapped files, or that the mapping was not used."""
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
        export = export_of(tally, source)
        if infers_status(export):
            yield _status_from_times(export, row["lines"])
        if infers_payment(export):
            yield Note(
                "paid-from-created",
                row["lines"],
                Text(
                    zh=f"{export.label} 没有付款时间，按下单即付款处理（状态为未付款的除外）",
                    en=f"{export.label} has no time of payment: counted as paid when created, "
                    "unless the status says unpaid",
                ),
            )


def _status_from_times(export: Export, lines: int) -> Note:
    return Note(
        "status-from-times",
        lines,
        Text(
            zh=f"{export.label} 没有订单状态，按发货、签收、完成时间推断",
            en=f"{export.label} has no status: inferred from its shipping and delivery times",
        ),
    )


_BOTH = Text(
    zh="{file} 中有的编号既是某订单的、又是另一订单某行的：全文件按{zh}编号读取",
    en="some ids in {file} are those of an order and also of another order's line: "
    "all of the file's are read as ids of {en}",
)


def ids_of_both(tally: Tally) -> Iterator[Note]:
    """Note how the ids of parcels are read where some are those of an order and of a line."""
    filing = tally.lines.filing
    for numbers, zh, en in (
        (filing.of_orders, "订单", "orders"),
        (filing.of_lines, "订单行", "order lines"),
    ):
        for number in sorted(numbers):
            label = export_of(tally, number).label
            yield Note("ids-of-both", 0, _BOTH.fill(file=label, zh=zh, en=en))


def shops(tally: Tally) -> Iterator[Note]:
    """Note shops known only by letters of file names, and lines of an unknown shop."""
    exports = [export_of(tally, source) for source in tally.by_source]
    silent = [export for export in exports if "shop" not in export.cells]
    lettered = [export for export in silent if export.shop_from == "file name"]
    if lettered:
        text = Text(
            zh="店铺仅由抖店文件名末尾的字母区分：{shops}；"
            "可在 merchantwatch.toml 的 [[shops]] 里命名",
            en="shops known only by the letters at the end of Douyin's file names: {shops}; "
            "name them under [[shops]] in merchantwatch.toml",
        )
        shops = {str(export.shop) for export in lettered}
        yield Note("shop-from-file-name", _lines(tally, lettered), text.fill(shops=some_of(shops)))
    platforms = tally.platforms
    named = (e for e in exports if e.shop or "shop" in e.cells)
    known = {platform for e in named for platform in platforms[e.number]}
    # Only where another shop of the platform is known: one unnamed shop alone loses nothing.
    unnamed = [e for e in silent if e.shop is None and known.intersection(platforms[e.number])]
    if unnamed:
        text = Text(
            zh="{files} 没有说明属于哪个店铺，与已知店铺分开计数；"
            "请在 merchantwatch.toml 的 [[shops]] 里指明，若都属同一店铺可用 --shop",
            en="{files}: nothing tells the shop, so these lines are counted apart from the known "
            "shops; name it under [[shops]] in merchantwatch.toml, or with --shop if all are one",
        )
        files = {export.label for export in unnamed}
        yield Note("shop-untold", _lines(tally, unnamed), text.fill(files=some_of(files)))


def read_with_doubt(tally: Tally) -> Iterator[Note]:
    """Note what a file leaves unclear: its encoding, an unclosed quote, repeated columns."""
    for export in tally.exports:
        if export.encoding_from == BY_TEXT:
            text = Text(
                zh="{file} 的表头看不出是哪种编码，按 {encoding} 读取（这样最像文字）；"
                "如有乱码请另存为 UTF-8",
                en="{file}: nothing in its header tells the encoding; read as {encoding}, in which "
                "it looks most like text. Save it as UTF-8 if names look wrong",
            ).fill(file=export.label, encoding=str(export.encoding).upper())
            yield Note("encoding-assumed", tally.lines_by_source.get(export.number, 0), text)
        if export.letters:
            yield _letters(export)
        twice = export.repeated
        if twice:
            text = Text(
                zh="{file} 有同名的列：{columns}；按最左边的一列读取",
                en="{file}: several columns are called {columns}; the leftmost was read",
            ).fill(file=export.label, columns=some_of(twice))
            yield Note("repeated-column", tally.lines_by_source.get(export.number, 0), text)


def _letters(export: Export) -> Note:
    """Note the rows with a quote that is never closed."""
    text = Text(
        zh="{file} 有引号没有闭合（第 {rows} 行），已当作普通字符读取，其后的行照常读取",
        en="{file}: a quote is not closed in row {rows}; it was read as a letter, and the rows "
        "after it as ever",
    )
    rows = ", ".join(f"{row:,}" for row in export.letters[:MOST_NAMED])
    more = " …" if len(export.letters) > MOST_NAMED else ""
    return Note(
        "quotes-as-letters", len(export.letters), text.fill(file=export.label, rows=rows + more)
    )


def no_records(engine: Engine, tally: Tally) -> Iterator[Note]:
    """Note the rows that are no records: the reasons, their number, and the first row."""
    # The faults are only fetched where there is something to say about them.
    concerned = [export for export in tally.exports if tally.no_records_of(export)]
    problems = quarantine.problems(engine, tally) if concerned else {}
    for export in concerned:
        kinds = [_kind(fault) for fault in quarantine.no_records(export, problems[export.number])]
        text = Text(
            zh="{file} 有 {n} 行不是记录，不计入所读的行：{kinds}",
            en="{file}: rows that are no record, and are not counted as read: {n}; {kinds}",
        )
        kinds_of = Text(zh="；".join(k.zh for k in kinds), en="; ".join(k.en for k in kinds))
        n = f"{tally.no_records_of(export):,}"
        yield Note("no-records", 0, text.fill(file=export.label, n=n, kinds=kinds_of))


def _kind(fault: Fault) -> Text:
    """Return why rows are no records, and where they stand."""
    meaning, more = REASONS[fault.reason].meaning, fault.rows > 1
    if not fault.first_row:
        where = Text(zh=f"{fault.rows:,} 行", en=f"{fault.rows:,}")
    elif more:
        where = Text(
            zh=f"自第 {fault.first_row:,} 行起 {fault.rows:,} 行",
            en=f"{fault.rows:,} from row {fault.first_row:,} on",
        )
    else:
        where = Text(zh=f"第 {fault.first_row:,} 行", en=f"row {fault.first_row:,}")
    return Text(zh="{why}（{where}）", en="{why} ({where})").fill(why=meaning, where=where)


def _lines(tally: Tally, exports: Iterable[Export]) -> int:
    return sum(tally.lines_by_source[export.number] for export in exports)


def some_of(names: Collection[str]) -> str:
    """Return names in order, at most as many as a note can hold."""
    return ", ".join(sorted(names)[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")


def export_of(tally: Tally, source: int) -> Export:
    """Return the export of a source."""
    return next(export for export in tally.exports if export.number == source)
