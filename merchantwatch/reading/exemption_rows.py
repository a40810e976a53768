"""A row of the file of exemptions → the exemption; an error names the column."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from msgspec import Struct

from merchantwatch.errors import UsageError
from merchantwatch.rules.exemption import Basis, Exemption

HEADERS: Mapping[str, tuple[str, ...]] = {
    "orders": ("订单", "订单号", "订单编号", "主订单编号", "子订单编号",
               "order", "order_id", "line_id"),
    "products": ("商品", "商品ID", "product", "product_id"),
    "regions": ("地区", "省", "省份", "region", "province"),
    "shops": ("店铺", "店铺名称", "shop"),
    "rules": ("规则", "规则编号", "rule", "rules"),
    "since": ("起", "开始时间", "from"),
    "until": ("止", "结束时间", "to"),
    "counted_by": ("时间依据", "counted_by"),
    "extended_to": ("顺延至", "extended_to"),
    "extend_by": ("顺延", "extend_by"),
    "reason": ("原因", "reason"),
    "approved": ("批准", "已批准", "approved"),
    "note": ("备注", "note"),
}  # fmt: skip
"""The names that columns may have; ``note`` is for the writer and not read."""

AROUND = " \t\r\n\u00a0\u3000=\"'"
_EVERY_SHOP = ("*", "全部")

_SEVERAL = re.compile(r"[、;；|\n]")
_SEVERAL_RULES = re.compile(r"[、,，;；|\s]+")
_APPROVED: Mapping[str, bool] = {
    **dict.fromkeys(("是", "已批准", "批准", "通过", "√", "✓", "yes", "y", "true", "1"), True),
    **dict.fromkeys(("", "否", "未批准", "待批准", "审核中", "no", "n", "false", "0"), False),
}
_BASES: Mapping[str, Basis] = {
    **dict.fromkeys(("", "时限", "due"), "due"),
    **dict.fromkeys(("付款", "付款时间", "paid"), "paid"),
    **dict.fromkeys(("下单", "下单时间", "created"), "created"),
}  # fmt: skip
_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
)
_LENGTH = re.compile(r"(\d{1,4})\s*(天|日|days?|d|小时|hours?|h)")
_DAY_ENDS = time(23, 59, 59)
_REGION_KIND = re.compile(r"(?<=..)(壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|省|市)$")


class NamedCells(Struct, frozen=True):
    """The cells of a row by field, with the headers they stand under."""

    by_field: Mapping[str, str]
    headers: Mapping[str, str]
    of_sheet: bool

    def get(self, field: str) -> str:
        """Return the text of a field's cell; empty where the file has no such column."""
        return self.by_field.get(field, "")


class ExemptionRow:
    """One row, and where it stands."""

    def __init__(self, label: str, number: int, cells: NamedCells) -> None:
        self.label, self.number, self.cells = label, number, cells

    def exemption(self) -> Exemption:
        """Return what the row says."""
        named = {name: self._several(name) for name in ("orders", "products", "regions", "shops")}
        if not any(named.values()):
            raise self._wrong(
                "orders",
                "it names no order, product, region or shop; for all of them write * as the shop",
                "没有写订单、商品、地区或店铺；若适用于全部，请在店铺列写 *",
            )
        self._check_orders(named["orders"])
        since, until = self._moment("since"), self._moment("until", ends=True)
        if since and until and since > until:
            raise self._wrong("until", "it ends before it begins", "结束早于开始")
        extended_to, extend_by = self._moment("extended_to", ends=True), self._length()
        if extended_to and extend_by:
            raise self._wrong(
                "extend_by", "say either extended_to or extend_by", "顺延至、顺延只能填一个"
            )
        return Exemption(
            row=self.number,
            reason=self._reason(),
            approved=self._one_of("approved", _APPROVED),
            orders=named["orders"],
            products=named["products"],
            # Exports write 浙江 or 浙江省: regions are compared by the name without its kind.
            regions=tuple(_REGION_KIND.sub("", region) for region in named["regions"]),
            shops=() if set(named["shops"]) & set(_EVERY_SHOP) else named["shops"],
            rules=tuple(filter(None, _SEVERAL_RULES.split(self.cells.get("rules")))),
            since=since,
            until=until,
            counted_by=self._one_of("counted_by", _BASES),
            extended_to=extended_to,
            extend_by=extend_by,
        )  # fmt: skip

    def _several(self, field: str) -> tuple[str, ...]:
        parts = (part.strip(AROUND) for part in _SEVERAL.split(self.cells.get(field)))
        return tuple(dict.fromkeys(part for part in parts if part))

    def _check_orders(self, orders: tuple[str, ...]) -> None:
        for order in orders:
            if re.fullmatch(r"\d(\.\d+)?[eE]\+\d+", order):
                raise self._wrong(
                    "orders",
                    f"Excel has turned the id into {order}; format the column as text and paste "
                    "the id again",
                    f"编号被 Excel 变成了 {order}；请把该列设为文本后重新粘贴",
                )

    def _reason(self) -> str:
        reason = self.cells.get("reason").strip()
        if not reason:
            raise self._wrong("reason", "give a reason", "请填写原因")
        return reason

    def _moment(self, field: str, *, ends: bool = False) -> datetime | None:
        """Return a moment; a day without a time begins at midnight and ``ends`` a second before."""
        text = self.cells.get(field)
        if not text:
            return None
        match = _MOMENT.fullmatch(text)
        try:
            if match is None:
                raise ValueError  # noqa: TRY301  one message for all that is no moment
            year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
            found = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  wall-clock
        except ValueError:
            raise self._wrong(
                field,
                f"{text!r} is no time; write it like 2026-10-01 or 2026-10-01 18:00",
                f"{text!r} 不是时间；请写成 2026-10-01 或 2026-10-01 18:00",
            ) from None
        # Excel does not distinguish a day from its midnight.
        is_day = match[4] is None or (self.cells.of_sheet and found.time() == time())
        return datetime.combine(found, _DAY_ENDS) if ends and is_day else found

    def _length(self) -> int | None:
        text = self.cells.get("extend_by").lower()
        if not text:
            return None
        match = _LENGTH.fullmatch(text)
        if match is None or not int(match[1]):
            raise self._wrong(
                "extend_by",
                f"{text!r} is no length of time; write it like 48 hours or 3 days",
                f"{text!r} 不是时长；请写成 48小时 或 3天",
            )
        # The first letter is enough: the pattern admits only these units.
        unit = timedelta(hours=1) if match[2][0] in "h小" else timedelta(days=1)
        return int(int(match[1]) * unit.total_seconds())

    def _one_of(self, field: str, words: Mapping[str, Any]) -> Any:
        text = self.cells.get(field).strip()
        if text.lower() not in words:
            known = ", ".join(word for word in words if word)
            raise self._wrong(
                field, f"{text!r} is not one of {known}", f"{text!r} 应为 {known} 之一"
            )
        return words[text.lower()]

    def _wrong(self, field: str, en: str, zh: str) -> UsageError:
        """Return the error of the row, with its column."""
        label, row = self.label, self.number
        column = self.cells.headers.get(field, HEADERS[field][0])
        return UsageError(
            f"{label} row {row}, {column}: {en}", f"{label} 第 {row} 行“{column}”：{zh}"
        )
