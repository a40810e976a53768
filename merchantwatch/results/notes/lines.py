"""Notes on the lines of a run: what was computed, masked or unknown, and for how many lines."""

from collections import Counter
from collections.abc import Iterator

from merchantwatch.engines import Engine
from merchantwatch.fields import PROMISE_HOURS
from merchantwatch.language.text import Text
from merchantwatch.pipeline.plan import Plan
from merchantwatch.results import accounting
from merchantwatch.results.accounting import Tally
from merchantwatch.results.notes.files import export_of
from merchantwatch.results.records import UNKNOWN_WORDS, Note
from merchantwatch.settings import Settings

_UNREAD = ("amount_unread", "quantity_unread")
_MOST_PLACES = 5
"""At most this many unreadable cells are named in a note."""

_MOST_WORDS = 20
"""At most this many words for nothing are named in a note."""

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
        en="a case was answered or closed after as-of: its status follows from what had happened "
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
    "fulfilled_platform": Text(
        zh="由平台发货：不计发货时效，也不计入比率",
        en="fulfilled by the platform: not the merchant's to ship, and no part of rates",
    ),
    "fulfilled_virtual": Text(
        zh="虚拟商品或无需物流：没有发货时效，也不计入比率",
        en="virtual, or without shipping: nothing is to be shipped, and no part of rates",
    ),
    "fulfilled_pickup": Text(
        zh="到店自提：没有发货时效，也不计入比率",
        en="picked up by the buyer: nothing is to be shipped, and no part of rates",
    ),
    "fulfilled_refunded": Text(
        zh="已全额退款：无需再发货，不计发货时效，也不计入比率",
        en="refunded whole: nothing is left to ship, and no part of rates",
    ),
    "pre_order": Text(
        zh="预售订单有自己的发货时限，导出中没有：与该时限有关的规则不判定",
        en="pre-orders, whose own limit the export does not tell: what depends on it is not judged",
    ),
    "shipped_without_time": Text(
        zh="状态为已发货或已完成，但没有发货时间；按已发货处理，是否发货超时不判定",
        en="the status says shipped, but no shipping time stands there: taken as shipped; whether "
        "in time is not judged",
    ),
}


_PROMISED = Text(
    zh="导出中没有承诺发货时间，按{promise}计算",
    en="the export states no promised time: taken as {promise}",
)
_EMPTIED = Text(
    zh="{file} 的 {column} 中 {n} 个单元格写的是表示“无”的词，按空处理：{words}",
    en="{file}: {n|cell} of {column} {n|holds|hold} words for nothing, and {n|was|were} taken as "
    "empty: {words}",
)
_ORDER_ASSUMED = Text(
    zh="{file} 的 {column} 看不出日和月哪个在前，按{order}读取；不对请写在 [map.time_format]",
    en="{file}: no cell of {column} shows which is the day and which the month; read as {order}. "
    "If that is wrong, say so under [map.time_format]",
)
_ORDERS = {
    "dmy": Text(zh="日在前", en="day first"),
    "mdy": Text(zh="月在前", en="month first"),
}


def cells(tally: Tally) -> Iterator[Note]:
    """Note words that were taken as empty, and columns whose order of day and month was assumed."""
    for export in sorted(tally.exports, key=lambda export: (export.label, export.number)):
        profile, headers = export.source.profile, export.source.headers
        if profile is None:
            continue
        # A column that no field reads may hold any word.
        read = {cell.index for cell in export.cells.values()}
        for index in sorted({index for index, _ in profile.emptied} & read):
            words = Counter({w: n for (i, w), n in profile.emptied.items() if i == index})
            ordered = sorted(words.items(), key=lambda item: (-item[1], item[0]))
            text = _EMPTIED.fill(
                file=export.label,
                column=headers[index].strip(),
                n=f"{words.total():,}",
                words=", ".join(f"{word} ({n:,})" for word, n in ordered[:_MOST_WORDS])
                + (" …" if len(ordered) > _MOST_WORDS else ""),
            )
            yield Note("words-for-nothing", words.total(), text)
        for (index, _), order in sorted(profile.assumed.items()):
            text = _ORDER_ASSUMED.fill(
                file=export.label, column=headers[index].strip(), order=_ORDERS[order]
            )
            yield Note("day-order-assumed", tally.lines_by_source.get(export.number, 0), text)


def unknown_words(engine: Engine, tally: Tally) -> Iterator[Note]:
    """Note the words that no format knows."""
    for field, words in accounting.unknown_words(engine, tally).items():
        listed = ", ".join(f"{word} ({lines})" for word, lines in words)
        text = Text(
            zh="不认识的{field}取值：{words}；这些行在读取该字段的规则中不判定",
            en="unknown words in {field}: {words}; rules that read it leave these lines unjudged",
        ).fill(field=field, words=listed)
        code = f"{UNKNOWN_WORDS}{field.replace('_', '-')}"
        yield Note(code, tally.total(f"{field}_unknown"), text)


def counted(engine: Engine, plan: Plan, tally: Tally) -> Iterator[Note]:
    """Note assumptions, each with its number of lines."""
    read = {field for bound in plan.rules for field in bound.reads}
    for name, text in _COUNTED.items():
        lines = tally.total(name) if name in tally.lines.flags else 0
        # Without a rule that reads it the assumption changes nothing.
        if name == "promise_computed" and "promised_ship_at" not in read:
            continue
        if name == "promise_computed":
            yield from _promised(tally, text)
            continue
        if name == "shipped_without_time":
            # Where an export has no column for the time, a rule that needs it says so already.
            lines = sum(
                row[name]
                for source, row in tally.by_source.items()
                if "shipped_at" in export_of(tally, source).cells
            )
        if lines:
            places = _places(engine, tally, name) if name in _UNREAD else ""
            shown = Text(zh=f"{text.zh}：{places}", en=f"{text.en}: {places}") if places else text
            yield Note(name.replace("_", "-"), lines, shown)


def _promised(tally: Tally, usual: Text) -> Iterator[Note]:
    """Note for how many lines a promise was computed, and by which rule of their platform."""
    counts: Counter[Text] = Counter()
    for source, row in tally.by_source.items():
        promise = export_of(tally, source).form.promise
        text = _PROMISED.fill(promise=promise.meaning) if promise else usual
        counts[text] += row["promise_computed"]
    for text, lines in counts.items():
        if lines:
            yield Note("promise-computed", lines, text)


def _places(engine: Engine, tally: Tally, flag: str) -> str:
    """Return the places of the first cells that cannot be read: file, row and column."""
    # One more than is named, to see whether there are more.
    found = accounting.first_rows(engine, tally, flag, _MOST_PLACES + 1)
    field = flag.removesuffix("_unread")
    places = [
        f"{export.label}:{row} {export.source.headers[export.cells[field].index].strip()}"
        for export, row in found
        if field in export.cells
    ]
    return ", ".join(places[:_MOST_PLACES]) + (" …" if len(places) > _MOST_PLACES else "")


def closed(settings: Settings, tally: Tally) -> Iterator[Note]:
    """Note closed lines of exports later than as-of: it is unknown when they were closed."""
    late = sum(
        row["closed"]
        for source, row in tally.by_source.items()
        if (exported := export_of(tally, source).exported_at) is not None
        and exported > settings.as_of
    )
    if late:
        yield Note(
            "closed-after-as-of",
            late,
            Text(
                zh="导出晚于判定时刻，其中已关闭的行仍按已关闭处理（关闭时间未知）",
                en="the export is later than as-of: its closed lines stay closed, since it is "
                "unknown when they were",
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


def unmatched(tally: Tally) -> Iterator[Note]:
    """Note the cases and parcels that belong to no line."""
    for kind, found in tally.unmatched.items():
        if found.total:
            first = ", ".join(found.first) + (" …" if found.total > len(found.first) else "")
            text = _UNMATCHED[kind].fill(n=f"{found.total:,}", first=first)
            yield Note(f"{kind}-unmatched", 0, text)


def equal_rows(engine: Engine, tally: Tally) -> Iterator[Note]:
    """Note lines that equal another one: a row exported twice, or a second piece."""
    lines = accounting.equal_rows(engine, tally)
    if lines:
        yield Note(
            "equal-rows",
            lines,
            Text(
                zh="与同一文件另一行完全相同，除订单号外没有编号可以区分：各按一行计算；"
                "如是重复导出的行请删除",
                en="equal in every cell to another row of the file, with no id but the order's: "
                "each counts as a line of its own; delete what was exported twice",
            ),
        )


def shared_cases(engine: Engine, tally: Tally) -> Iterator[Note]:
    """Note the lines that share a case, since it names their order and no product."""
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
