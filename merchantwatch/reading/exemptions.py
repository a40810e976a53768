"""A file of exemptions → its rows, each checked; an error names the row and the column."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from merchantwatch.errors import InputError, UsageError
from merchantwatch.formats import fold
from merchantwatch.language.suggestions import meant
from merchantwatch.language.text import Text
from merchantwatch.reading.cells import Column, Wanted
from merchantwatch.reading.csv import CsvFile
from merchantwatch.reading.excel import Sheet
from merchantwatch.reading.headers import Words, no_unknown_column
from merchantwatch.reading.inputs import FoundFile
from merchantwatch.reading.opening import opened
from merchantwatch.rules.exemption import Basis, Exemption

MOST_TARGETS = 20_000
"""So many orders, products, regions and shops may be named in all."""

EVERY_SHOP = ("*", "全部")

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

_WORDS = Words(
    frozenset(
        spelled
        for names in HEADERS.values()
        for name in names
        for spelled in (name, name.capitalize())
    ),
    personal=frozenset(),
    others=no_unknown_column,
    counted=frozenset(),
)
_FIELDS = {name.lower(): field for field, names in HEADERS.items() for name in names}
_AROUND = " \t\r\n\u00a0\u3000=\"'"
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


def read_exemptions(path: Path) -> tuple[Exemption, ...]:
    """Return the exemptions of a CSV or Excel file.

    Raises UsageError that names the file, the row and the column of whatever is wrong.
    """
    source = _opened(path)
    headers = _headers(source)
    rows = [_Row(str(path), number, cells).exemption() for number, cells in _rows(source, headers)]
    named = sum(1 for row in rows for _ in row.targets)
    if named > MOST_TARGETS:
        raise UsageError(
            f"{path}: {named:,} orders, products, regions and shops are named, at most "
            f"{MOST_TARGETS:,} may be; name a product, a region or a shop instead of its orders",
            f"{path}：共写了 {named:,} 个订单、商品、地区或店铺，最多 {MOST_TARGETS:,} 个；"
            "请改按商品、地区或店铺填写",
        )
    return tuple(rows)


def _opened(path: Path) -> CsvFile | Sheet:
    if not _is_there(path):
        raise UsageError(
            f"{path}: there is no such file of exemptions; check --exemptions, or exemptions in "
            "merchantwatch.toml",
            f"{path}：没有这个豁免文件；请检查 --exemptions 或 merchantwatch.toml 的 exemptions",
        )
    found: CsvFile | Sheet | None = None
    for part in opened(FoundFile(path, str(path), named=True), _WORDS):
        if isinstance(part.source, CsvFile | Sheet):
            found = found or part.source
        elif isinstance(part.source, InputError):
            raise UsageError(part.source.en, part.source.zh)
    if found is None:
        raise UsageError(
            f"{path}: a file of exemptions is CSV or Excel; save it as one",
            f"{path}：豁免文件应为 CSV 或 Excel，请另存",
        )
    return found


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # its name may be too long for any file
        return False


def _headers(source: CsvFile | Sheet) -> dict[int, str]:
    """Return the field of each column by its position. A column that is not known is refused."""
    found: dict[int, str] = {}
    for index, header in enumerate(source.headers):
        name = fold(header)
        if not name:
            continue
        field = _FIELDS.get(name.lower())
        if field is None or field in found.values():
            columns = ", ".join(f"{names[0]}/{_english(names)}" for names in HEADERS.values())
            known = Text(zh=f"可用的列：{columns}", en=f"the columns are {columns}")
            hint = meant(name, () if field else _FIELDS, known, quoted=True)
            raise UsageError(
                f"{source.label}: the column {name!r} "
                + ("stands there twice" if field else "is not known")
                + hint.en,
                f"{source.label}：{'重复的' if field else '不认识的'}列 {name!r}{hint.zh}",
            )
        found[index] = field
    return found


def _english(names: Sequence[str]) -> str:
    return next(name for name in names if name.isascii())


def _rows(source: CsvFile | Sheet, headers: Mapping[int, str]) -> Iterator[tuple[int, "_Cells"]]:
    """Yield the rows with their numbers, in their order."""
    wanted = Wanted(
        {index: Column(_AROUND, is_time=False, is_id=False) for index in headers}, ("", "-")
    )
    read: dict[int, _Cells] = {}

    def load(batches: Iterator[Any]) -> None:
        read.clear()
        for batch in batches:
            for row in batch.to_pylist():
                cells = {field: row[f"c{index}"] or "" for index, field in headers.items()}
                named = {field: source.headers[index] for index, field in headers.items()}
                read[row["source_row"]] = _Cells(cells, named, isinstance(source, Sheet))

    try:
        source.read_into(wanted, load)
    except InputError as error:
        raise UsageError(error.en, error.zh) from None
    for bad in source.bad_rows:
        raise UsageError(
            f"{source.label} row {bad.row}: it has more or fewer cells than the header; quote "
            "cells that hold a comma",
            f"{source.label} 第 {bad.row} 行：单元格数与表头不符；含逗号的单元格请加引号",
        )
    yield from sorted(read.items())


@dataclass(frozen=True)
class _Cells:
    """The cells of a row by field, with the headers they stand under."""

    by_field: Mapping[str, str]
    headers: Mapping[str, str]
    of_sheet: bool

    def get(self, field: str) -> str:
        return self.by_field.get(field, "")


class _Row:
    """One row, and where it stands."""

    def __init__(self, label: str, number: int, cells: _Cells) -> None:
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
            regions=tuple(_REGION_KIND.sub("", region) for region in named["regions"]),
            shops=() if set(named["shops"]) & set(EVERY_SHOP) else named["shops"],
            rules=tuple(filter(None, _SEVERAL_RULES.split(self.cells.get("rules")))),
            since=since,
            until=until,
            counted_by=self._one_of("counted_by", _BASES),
            extended_to=extended_to,
            extend_by=extend_by,
        )  # fmt: skip

    def _several(self, field: str) -> tuple[str, ...]:
        parts = (part.strip(_AROUND) for part in _SEVERAL.split(self.cells.get(field)))
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
        unit = timedelta(hours=1) if match[2][0] in "h小" else timedelta(days=1)
        return int(int(match[1]) * unit.total_seconds())

    def _one_of(self, field: str, words: Mapping[str, Any]) -> Any:
        text = self.cells.get(field).strip()
        if text.lower() not in words:
            able = ", ".join(word for word in words if word)
            raise self._wrong(field, f"{text!r} is not one of {able}", f"{text!r} 应为 {able} 之一")
        return words[text.lower()]

    def _wrong(self, field: str, en: str, zh: str) -> UsageError:
        return wrong(
            self.label, self.number, self.cells.headers.get(field, HEADERS[field][0]), en, zh
        )


def wrong(label: str, row: int, column: str, en: str, zh: str) -> UsageError:
    """Raise the error of a row, with its column."""
    return UsageError(f"{label} row {row}, {column}: {en}", f"{label} 第 {row} 行“{column}”：{zh}")
