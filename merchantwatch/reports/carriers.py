"""Carriers and warehouses against the other parcels of their shop: in words, and as a table."""

from collections.abc import Iterator

from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.reports import shops
from merchantwatch.reports.sheet_tables import Row
from merchantwatch.results.measures import LEAST_LINES, Carrier
from merchantwatch.results.model import Results
from merchantwatch.results.wording import percent

_UNKNOWN = Text(zh="（未知）", en="(unknown)")
_VERDICTS = {
    "worse": Text(zh="找他：明显差于本店其他包裹", en="call: worse than the shop's other parcels"),
    "alike": Text(zh="与本店其他包裹无明显差别", en="no worse than the shop's other parcels"),
    "few": Text(
        zh=f"不足 {LEAST_LINES} 行，无法比较", en=f"fewer than {LEAST_LINES} lines: no comparison"
    ),
}
# Too few to compare is no good news: it has no green.
_COLOURS = {"worse": "red", "alike": "", "few": ""}

WHO = Text(zh="快递（仓库）", en="Carrier (warehouse)")

COLUMNS = (
    Text(zh="快递", en="Carrier"),
    Text(zh="仓库", en="Warehouse"),
    Text(zh="店铺", en="Shop"),
    Text(zh="已发出行数", en="Lines sent"),
    Text(zh="超48小时未揽收", en="Unscanned after 48 h"),
    Text(zh="超48小时才揽收", en="Scanned after 48 h"),
    Text(zh="物流超时", en="Trace timeouts"),
    Text(zh="占比", en="Share"),
    Text(zh="95%区间", en="95% interval"),
    Text(zh="本店其他包裹", en="Other parcels of the shop"),
    Text(zh="判断", en="Verdict"),
)


def name(one: Carrier) -> Text:
    """Return the carrier, and the warehouse that it collects from."""
    carrier, warehouse = one.carrier or _UNKNOWN, one.warehouse
    zh = carrier if isinstance(carrier, str) else carrier.zh
    en = carrier if isinstance(carrier, str) else carrier.en
    return Text(zh=f"{zh}（{warehouse}）", en=f"{en} ({warehouse})") if warehouse else Text(zh, en)


def share(one: Carrier) -> str:
    """Return the share of the carrier's bad lines."""
    return percent(one.share)


def interval(one: Carrier) -> str:
    """Return the confidence interval of the share."""
    return f"{percent(one.low)}–{percent(one.high)}"


def others(one: Carrier) -> Text:
    """Return the share of the shop's other parcels, and how many they are."""
    if one.other_share is None:
        return Text(zh="没有其他包裹", en="there are none")
    share, n = percent(one.other_share), f"{one.other_lines:,}"
    return Text(zh=f"{share}（{n} 行）", en=f"{share} ({number_of(n, 'line')})")


def verdict(one: Carrier) -> Text:
    """Return whether there is a reason to call."""
    return _VERDICTS[one.verdict]


def to_call(results: Results) -> list[Carrier]:
    """Return the carriers that there is a reason to call."""
    return [one for one in results.carriers if one.verdict == "worse"]


def line(one: Carrier) -> Text:
    """Return in a line what is bad about a carrier."""
    named, rest, share = name(one), others(one), percent(one.share)
    parts = f"{one.bad:,}/{one.lines:,}"
    return Text(
        zh=f"{named.zh}：{parts} 行未揽收、迟揽收或物流超时（{share}），本店其他 {rest.zh}",
        en=f"{named.en}: {number_of(parts, 'line')} unscanned, scanned late or stuck ({share}); "
        f"the shop's others {rest.en}",
    )


def rows(results: Results) -> Iterator[Row]:
    """Yield all of them, the worst first."""
    lang = results.lang
    for one in results.carriers:
        yield Row(
            _COLOURS[one.verdict],
            (
                one.carrier or _UNKNOWN.of(lang),
                one.warehouse,
                shops.shop_name(one.platform, one.shop).of(lang),
                one.lines,
                one.unscanned,
                one.scanned_late,
                one.trace_timeouts,
                percent(one.share),
                interval(one),
                others(one).of(lang),
                verdict(one).of(lang),
            ),
        )
