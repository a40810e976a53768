"""Reasons why a column is or is not proposed for a field; they never contain a cell's value."""

from collections.abc import Iterator

from merchantwatch.fields import FIELDS, Kind
from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.mapping.dictionary import words
from merchantwatch.mapping.names import KNOWN, SIMILAR, SOMETIMES, Fit
from merchantwatch.mapping.promises import Promised
from merchantwatch.mapping.shapes import Shape
from merchantwatch.mapping.spelling import folded

KEEPS_ORDER = 0.9
"""A time confirms the order that its name implies if it does so in this share of rows."""

EMPTY = Text(zh="样本中全为空", en="empty in all rows looked at")
ORDER_OF_TIMES = Text(
    zh="名称未知；按各时间列的先后推断", en="unknown name; inferred from the order of the times"
)
CONSTANT_LAG = Text(
    zh="名称未知；总在付款后同样长的时间", en="unknown name; always the same time after payment"
)
ONLY_AMOUNTS = Text(zh="名称未知；唯一一列金额", en="unknown name; the only column of amounts")

NO_TIMES = Text(
    zh="值不是 2026-11-21 08:00:00 这样的时间",
    en="its values are no times like 2026-11-21 08:00:00",
)
TIMES = Text(zh="值为时间", en="its values are times")
NO_MONEY = Text(zh="值不是金额", en="its values are no amounts")
NO_NUMBERS = Text(zh="值不是整数", en="its values are no whole numbers")
NO_WORDS = Text(zh="值不是少数几个词", en="its values are not a few words")
NOT_UNIQUE = Text(
    zh="有重复或为空的值，不能区分各行",
    en="values repeat or are missing, so they tell no lines apart",
)
MISSING = Text(zh="有空值", en="values are missing")
NO_IDS = Text(zh="值不是编号", en="its values are no ids")
NO_TEXT = Text(zh="值是状态词", en="its values are words of a status")
NO_STATUS = Text(zh="没有一个词是已知的状态", en="none of its words is a known status")
EMPTY_COLUMN = Text(
    zh="样本中全为空，不能据此判定", en="empty in all rows looked at: nothing follows from it"
)
EMPTY_THOUGH_DONE = Text(
    zh="全为空，而状态表明已经发生", en="empty, though the status says that it has happened"
)
FILLED_TOO_EARLY = Text(
    zh="状态表明尚未发生的行也有值，因此不是实际时间",
    en="filled where the status says that it has not happened: it is a plan, or something else",
)
SAME_AS_ORDER = Text(
    zh="每行都与订单号相同，不能区分各行",
    en="the same as the order id in every row, so it tells no lines apart",
)

_PROMISES = {
    Promised.SENDING: Text(zh="名称是发货的期限", en="its name is that of a time to ship by"),
    Promised.PLANNED_SENDING: Text(
        zh="名称是计划的发货时间", en="its name is that of a planned time of shipping"
    ),
    Promised.SOMETHING: Text(
        zh="名称是期限，但没说是什么的期限",
        en="its name is that of a deadline, and does not say of what",
    ),
    Promised.DELIVERY: Text(
        zh="名称是送达的期限，不是发货的；没有更近的期限",
        en="its name is that of a deadline of delivery, not of shipping; there is none nearer",
    ),
}


def name(fit: Fit) -> Text:
    """Return the reason that a header's name gives."""
    if fit.how == KNOWN:
        return Text(zh="名称已知", en="a known name")
    if fit.how == SOMETIMES:
        return Text(zh="名称多半是这个意思", en="a name that mostly means this")
    if fit.how == SIMILAR:
        return Text(zh=f"名称近似“{fit.name}”", en=f"its name is nearly {fit.name!r}")
    return Text(zh=f"名称含有“{fit.name}”", en=f"its name holds {fit.name!r}")


def promise(kind: Promised) -> Text:
    """Return the reason that a name gives for a promise."""
    return _PROMISES[kind]


def look(field: str, shape: Shape) -> Iterator[Text]:
    """Yield the reasons that the values of a column give for a field."""
    kind, different = FIELDS[field].kind, len(shape.counts)
    if kind is Kind.TIME:
        yield Text(zh="值为时间", en="times")
    elif kind is Kind.MONEY:
        yield Text(zh="值为金额", en="amounts")
    elif kind is Kind.NUMBER:
        yield Text(zh="值为整数", en="whole numbers")
    elif kind is Kind.WORD:
        yield Text(zh=f"{different} 种取值", en=number_of(different, "different word"))
    elif kind is Kind.ID:
        if shape.is_unique:
            yield Text(zh="没有重复的值", en="no value repeats")
        else:
            rows = f"{shape.filled:,}"
            yield Text(
                zh=f"{rows} 行中有 {different:,} 个值",
                en=f"{number_of(different, 'value')} in {number_of(rows, 'row')}",
            )


MAY_BE_EMPTY = frozenset({"tracking_no", "carrier", "close_reason", "seller_note", "case_status"})
"""Fields, besides events, whose column may be empty: there is none, or not yet."""

_DIFFERS_BY_ROW = frozenset({"order_id", "line_id", "case_id"})


def against(fit: Fit, shape: Shape) -> Text | None:
    """Return what the values of a column say against a field; None if nothing."""
    field, kind = fit.field, FIELDS[fit.field].kind
    if not shape.filled:
        may_be = fit.how == KNOWN and (FIELDS[field].event or field in MAY_BE_EMPTY)
        return None if may_be else EMPTY_COLUMN
    is_sure, is_word = fit.how == KNOWN, kind is Kind.WORD
    is_time = shape.is_time or (is_sure and shape.may_be_time)
    tests = (
        (kind is Kind.TIME and not is_time, NO_TIMES),
        (kind is not Kind.TIME and shape.is_time, TIMES),
        (kind is Kind.MONEY and not shape.is_money, NO_MONEY),
        (kind is Kind.NUMBER and not shape.is_whole, NO_NUMBERS),
        (kind in (Kind.WORD, Kind.FLAG) and not shape.is_words, NO_WORDS),
        # Few short words may be of anything: under a doubtful name one of them must be known.
        (is_word and not is_sure and not has_known_word(field, shape), NO_WORDS),
        (kind is Kind.TEXT and not is_sure and _is_status(shape), NO_TEXT),
        (field in _DIFFERS_BY_ROW and not shape.may_be_ids, NO_IDS),
        (field == "tracking_no" and not shape.has_digits, NO_IDS),
        (field == "line_id" and not (shape.is_nearly_unique and shape.is_full), NOT_UNIQUE),
        (field == "order_id" and not shape.is_full, MISSING),
    )
    return next((why for is_so, why in tests if is_so), None)


def _is_status(shape: Shape) -> bool:
    """Say whether most of a column's values are known words of a status."""
    known = words("status")
    known_cells = sum(n for word, n in shape.counts.items() if folded(word) in known)
    return 2 * known_cells >= shape.filled


def has_known_word(field: str, shape: Shape) -> bool:
    """Say whether a value of a column is a known word of a field."""
    return any(folded(word) in words(field) for word in shape.counts)


def never_before(other: str, share: float) -> Text:
    """Return in how many rows a time is not before another."""
    if share == 1:
        return Text(zh=f"从不早于 {other}", en=f"never before {other}")
    # Rounded down: 99.96% must not read as 100%.
    percent = f"{int(share * 1000) / 10:.1f}%"
    return Text(zh=f"{percent} 的行不早于 {other}", en=f"not before {other} in {percent} of rows")


def repeated_ids(shape: Shape) -> Text:
    """Return that ids repeat, as those of orders with several lines do."""
    different, rows = f"{len(shape.counts):,}", f"{shape.filled:,}"
    return Text(
        zh=f"名称未知；长编号，{rows} 行中有 {different} 个值",
        en=f"unknown name; long ids, {number_of(different, 'value')} in {number_of(rows, 'row')}",
    )


def unique_ids(shape: Shape) -> Text:
    """Return that ids do not repeat."""
    rows = f"{shape.filled:,}"
    return Text(
        zh=f"名称未知；长编号，{rows} 行各不相同",
        en=f"unknown name; long ids, all {rows} different",
    )


def status_words(known: int, rows: int) -> Text:
    """Return the reason for a status: how many of the rows hold a known status word."""
    return Text(
        zh=f"名称未知；{rows:,} 行中有 {known:,} 行是已知的状态词",
        en=f"unknown name; a known status word in {known:,} of {number_of(rows, 'row')}",
    )
