"""A plan as a pick list by warehouse: as text, as CSV, and as JSON."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

import msgspec

from merchantwatch.errors import UsageError
from merchantwatch.language.text import Text
from merchantwatch.reports.page import Page, padded
from merchantwatch.reports.task_tables import cell
from merchantwatch.results.wording import clock, money
from merchantwatch.tasks.backlog import Danger, Parcel
from merchantwatch.tasks.planning import Planned

SCHEMA = "merchantwatch.plan/1"
FORMATS = ("text", "json", "csv")

MOST_DANGERS = 5
"""How many dangers the text names; all are in JSON."""

_MOST_LINES = 3
"""How many lines of text a parcel has; CSV and JSON have all of it."""

_LABEL_WIDTH = 12
_LABELS = {
    "unjudged": Text(zh="未判定", en="Not judged"),
    "pack": Text(zh="打包", en="Pack"),
    "saves": Text(zh="可保", en="Saves"),
    "averts": Text(zh="避免触线", en="Averts"),
    "not": Text(zh="未能避免", en="Not averted"),
    "lost": Text(zh="已来不及", en="Lost anyway"),
    "more": Text(zh="再多打包", en="More"),
    "nowhere": Text(zh="未写仓库", en="no warehouse named"),
}
_COLUMNS = (
    Text(zh="仓库", en="Warehouse"),
    Text(zh="截止", en="Due"),
    Text(zh="订单号", en="Order"),
    Text(zh="店铺", en="Shop"),
    Text(zh="商品", en="Product"),
    Text(zh="数量", en="Quantity"),
    Text(zh="可避免损失", en="Can be saved"),
)


def check_format(name: str) -> None:
    """Raise UsageError for a format that a plan does not have."""
    if name not in FORMATS:
        able = ", ".join(FORMATS)
        raise UsageError(f"-o {name}: a plan is {able}", f"-o {name}：计划可用 {able}")


def render(planned: Planned, fmt: str, file: IO[bytes]) -> None:
    """Write a plan in one of its formats."""
    {"text": _text, "json": _json, "csv": _csv}[fmt](planned, file)


def _text(planned: Planned, file: IO[bytes]) -> None:
    page = Page(file, planned.lang)
    page.line(f"merchantwatch plan · {planned.as_of} → {planned.plan.until}", "bold")
    if planned.nothing:
        page.row("", planned.nothing.of(planned.lang), "yellow")
        page.write()
        return
    for label, text in [("unjudged", planned.unjudged), *_summary(planned)]:
        page.row(padded(_LABELS[label].of(planned.lang), _LABEL_WIDTH), text.of(planned.lang))
    warehouse = None
    for parcel in planned.plan.packed:
        where = _warehouse(parcel)
        if where != warehouse:
            page.heading(where or _LABELS["nowhere"].of(planned.lang))
            warehouse = where
        what = f"{parcel.order[2]}  {_products(parcel)}"
        page.row(f"  {_due(parcel):19}  ", what, most=_MOST_LINES)
    page.write()


def _summary(planned: Planned) -> list[tuple[str, Text]]:
    plan = planned.plan
    lines = [
        (
            "pack",
            Text(zh="{n} 单，余 {left} 单", en="{n} orders, {left} are left").fill(
                n=f"{len(plan.packed):,}", left=f"{plan.left:,}"
            ),
        ),
        (
            "saves",
            Text(
                zh="{saved}（任何选法至多 {bound}）；全部打包还可保 {unsaved}",
                en="{saved} (no choice saves more than {bound}); all of them {unsaved} more",
            ).fill(saved=money(plan.saved), bound=money(plan.bound), unsaved=money(plan.unsaved)),
        ),
    ]
    if plan.averted:
        lines.append(("averts", _dangers(plan.averted)))
    if plan.unaverted:
        lines.append(("not", _dangers(plan.unaverted)))
    if plan.lost_anyway:
        lines.append(("lost", Text.same(money(plan.lost_anyway))))
    more = Text(
        zh="{n} 单（约一小时）再保 {saved}", en="{n} parcels, an hour of packing: {saved} more"
    )
    if plan.left:
        lines.append(("more", more.fill(n=f"{plan.more:,}", saved=money(plan.more_saved))))
    return lines


def _dangers(dangers: Sequence[Danger]) -> Text:
    """Name the dearest dangers; of many, the others are counted with their worth."""
    dearest = sorted(dangers, key=lambda danger: -danger.worth)
    rest = dearest[MOST_DANGERS:]
    if not rest:
        return _named(dearest)
    return Text(
        zh="{named}；另有 {n} 项 {worth}，见 -o json",
        en="{named}; {n} more, {worth}: -o json",
    ).fill(
        named=_named(dearest[:MOST_DANGERS]),
        n=f"{len(rest):,}",
        worth=money(sum((danger.worth for danger in rest), Decimal(0))),
    )


def _named(dangers: Sequence[Danger]) -> Text:
    each = [(d.code, d.place[2] or d.place[1], money(d.worth)) for d in dangers]
    return Text(
        zh="; ".join(f"{code} {key or '店铺'} {worth}" for code, key, worth in each),
        en="; ".join(f"{code} {key or 'the shop'} {worth}" for code, key, worth in each),
    )


def _csv(planned: Planned, file: IO[bytes]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([name.of(planned.lang) for name in _COLUMNS])
    for parcel in planned.plan.packed:
        row = [
            _warehouse(parcel),
            parcel.due_at,
            parcel.order[2],
            parcel.order[1],
            _products(parcel),
            sum(line.quantity or 1 for line in parcel.lines),
            parcel.worth,
        ]
        writer.writerow([cell(value) for value in row])
    file.write(b"\xef\xbb\xbf" + buffer.getvalue().encode())


def _json(planned: Planned, file: IO[bytes]) -> None:
    plan = planned.plan

    def sum_of(amount: Decimal) -> str | None:
        return None if planned.nothing else _plain(amount)

    content = {
        "schema": SCHEMA,
        "as_of": _plain(planned.as_of),
        "until": _plain(plan.until),
        "capacity": plan.capacity,
        "not_judged": (planned.nothing or planned.unjudged).of(planned.lang),
        "saved": sum_of(plan.saved),
        "bound": sum_of(plan.bound),
        "unsaved": sum_of(plan.unsaved),
        "lost_anyway": sum_of(plan.lost_anyway),
        "more": {"parcels": plan.more, "saved": sum_of(plan.more_saved)},
        "left": plan.left,
        "averted": [_danger(danger) for danger in plan.averted],
        "not_averted": [_danger(danger) for danger in plan.unaverted],
        "packed": [_parcel(parcel) for parcel in plan.packed],
        "failed": [text.of(planned.lang) for text in planned.failed],
    }
    file.write(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")


def _danger(danger: Danger) -> dict[str, object]:
    platform, shop, product = danger.place
    return {
        "code": danger.code,
        "platform": platform,
        "shop": shop,
        "product_id": product or None,
        "need": danger.need,
        "worth": _plain(danger.worth),
    }


def _parcel(parcel: Parcel) -> dict[str, object]:
    platform, shop, order_id = parcel.order
    return {
        "platform": platform,
        "shop": shop,
        "order_id": order_id,
        "lines": [line.line_id for line in parcel.lines],
        "warehouse": _warehouse(parcel) or None,
        "due_at": _plain(parcel.due_at),
        "worth": _plain(parcel.worth),
    }


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _warehouse(parcel: Parcel) -> str:
    return next((line.warehouse for line in parcel.lines if line.warehouse), "")


def _due(parcel: Parcel) -> str:
    return clock(parcel.due_at)


def _products(parcel: Parcel) -> str:
    named = [
        f"{line.product_name or line.product_id or line.line_id} ×{line.quantity or 1}"
        for line in parcel.lines
    ]
    return ", ".join(named)
