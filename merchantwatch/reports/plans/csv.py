"""A plan as CSV: the pick list, and below it what is packed already and goes to the carrier."""

import csv
import io
from collections.abc import Iterable
from typing import IO

from merchantwatch.language.text import Text
from merchantwatch.reports.plans.parcels import products, warehouse
from merchantwatch.reports.task_tables import cell
from merchantwatch.tasks.backlog import Parcel
from merchantwatch.tasks.planning import Planned

_COLUMNS = (
    Text(zh="仓库", en="Warehouse"),
    Text(zh="截止", en="Due"),
    Text(zh="订单号", en="Order"),
    Text(zh="店铺", en="Shop"),
    Text(zh="商品", en="Product"),
    Text(zh="数量", en="Quantity"),
    Text(zh="可避免损失", en="Can be saved"),
    Text(zh="动作", en="Do"),
)
_PACK, _HAND_OVER = Text(zh="打包", en="pack"), Text(zh="已打包，交快递", en="packed: hand over")


def render(planned: Planned, file: IO[bytes]) -> None:
    """Write the orders of a plan for Excel: UTF-8 with BOM, every cell harmless, ids whole."""
    lang, buffer = planned.lang, io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([name.of(lang) for name in _COLUMNS])
    writer.writerows(_rows(planned.plan.packed, _PACK.of(lang)))
    writer.writerows(_rows(planned.plan.uploaded, _HAND_OVER.of(lang)))
    # Excel reads a CSV as UTF-8 only with this mark.
    file.write(b"\xef\xbb\xbf" + buffer.getvalue().encode())


def _rows(parcels: Iterable[Parcel], act: str) -> Iterable[list[str]]:
    for parcel in parcels:
        row = [
            warehouse(parcel),
            parcel.due_at,
            parcel.order[2],
            parcel.order[1],
            products(parcel),
            sum(line.quantity or 1 for line in parcel.lines),
            parcel.worth,
            act,
        ]
        yield [cell(value) for value in row]
