"""Why a row is quarantined, and what to do about it, by the code of the reason."""

from collections.abc import Mapping

from msgspec import Struct

from merchantwatch.language.text import Text


class Reason(Struct, frozen=True):
    """The meaning of a quarantine code, and the remedy with which the row can be read.

    A row that is no ``record`` is not quarantined: it is counted apart, and a note mentions it.
    """

    meaning: Text
    remedy: Text
    record: bool = True

    @property
    def text(self) -> Text:
        """Both in one sentence."""
        return Text(
            zh=f"{self.meaning.zh}；{self.remedy.zh}", en=f"{self.meaning.en}; {self.remedy.en}"
        )


def _reason(meaning_zh: str, remedy_zh: str, meaning_en: str, remedy_en: str) -> Reason:
    return Reason(Text(zh=meaning_zh, en=meaning_en), Text(zh=remedy_zh, en=remedy_en))


# What Excel has cut off is no longer in the file: nothing done to the file brings it back.
_AGAIN_ZH, _AGAIN_EN = "请从后台重新导出，勿用 Excel 保存", "export it again, unsaved by Excel"


def _no_record(meaning_zh: str, meaning_en: str) -> Reason:
    remedy = Text(zh="无需处理，该行不是记录", en="nothing is to be done, it is no record")
    return Reason(Text(zh=meaning_zh, en=meaning_en), remedy, record=False)


REASONS: Mapping[str, Reason] = {
    "DQ101": _reason(
        "编号为空", "请补上编号，或删除该行", "the id is missing", "fill it in, or delete the row"
    ),
    "DQ102": _reason(
        "编号已被 Excel 改成科学计数法，原值无法恢复",
        _AGAIN_ZH,
        "Excel turned the id into a number and lost its digits",
        _AGAIN_EN,
    ),
    "DQ103": _reason(
        "一格里有多个编号，且各格的份数不同，无法拆分",
        "请按“商品维度”导出",
        "several ids stand in one cell, and other cells have not as many parts",
        "export by product, not by order",
    ),
    "DQ104": _reason(
        "编号在第 15 位后都是 0，且该列这样的编号多到不会是巧合：已被 Excel 截断",
        _AGAIN_ZH,
        "zeros stand after 15 digits of the id, in more ids of the column than chance makes: Excel "
        "has cut them",
        _AGAIN_EN,
    ),
    "DQ105": _reason(
        "编号中有空字节，文件可能已损坏",
        "请重新导出或重新复制该文件",
        "NUL bytes stand in the id: the file is damaged",
        "export or copy the file again",
    ),
    "DQ106": _reason(
        "同一文件中有几行编号相同，但订单、商品或下单时间不同，无法分清哪一行是它",
        "请重新导出；如该列其实是订单号，请改为映射 order_id",
        "several rows of the file have this id, with another order, product or creation: it is "
        "unknown which of them it is",
        "export it again; where the column holds order ids, map it as order_id",
    ),
    "DQ107": _reason(
        "订单号和时间为空：该行是上一行订单的另一件商品",
        "请把订单的各列向下填满，或取消合并单元格后重新导出",
        "the order's id and times are blank: the row is a further item of the order above",
        "fill the order's columns down, or export them in every row",
    ),
    "DQ201": _reason(
        "时间无法识别",
        "请改为 2026-11-21 08:00:00 的格式，或在 [map.time_format] 里写明格式",
        "the time is written in no way that is known",
        "write it like 2026-11-21 08:00:00, or say how it is written under [map.time_format] in "
        "merchantwatch.toml",
    ),
    "DQ204": _reason(
        "没有这样的日期或时刻",
        "请更正该单元格",
        "there is no such day or hour",
        "put the cell right",
    ),
    "DQ205": _reason(
        "时间不在 1970 年至 2099 年之间",
        "请更正该单元格，未发生的时间请留空",
        "the time is not of the years 1970 to 2099, and no others are read",
        "put the cell right, or leave it empty where nothing has happened",
    ),
    "DQ206": _reason(
        "该列看不出日和月哪个在前，或各格相互矛盾",
        "请在 merchantwatch.toml 的 [map.time_format] 里写明，例如 %d/%m/%Y %H:%M",
        "the column does not tell the day from the month, or its cells contradict each other",
        "say which it is under [map.time_format] in merchantwatch.toml, such as %d/%m/%Y %H:%M",
    ),
    "DQ207": _reason(
        "时区缩写有多种含义",
        "请写成 +08:00 这样的时差",
        "the word for the time zone has several meanings",
        "write an offset such as +08:00",
    ),
    "DQ202": _reason(
        "时间被 Excel 截成只剩分秒",
        _AGAIN_ZH,
        "Excel has left only minutes and seconds of the time",
        _AGAIN_EN,
    ),
    "DQ203": _reason(
        "只有时刻，没有日期", _AGAIN_ZH, "a time of day stands there without its date", _AGAIN_EN
    ),
    "DQ301": _reason(
        "该行的列数与表头不同",
        "请检查该行的逗号和引号",
        "the row has not as many cells as the header",
        "check its commas and quotes",
    ),
    "DQ302": _reason(
        "该行有引号没有闭合，其后的行已照常读取",
        "请补上引号或重新导出",
        "the row opens a quote that is not closed; the rows after it were read",
        "close it or export the file again",
    ),
    "DQ303": _no_record("表头又出现一次", "the header stands there again"),
    "DQ304": _no_record("该行是对各列的说明", "the row explains the columns"),
    "DQ305": _reason(
        "该行是合并冲突的标记",
        "请解决冲突后重新保存",
        "the row marks a conflict of two versions",
        "resolve it and save the file",
    ),
    "DQ306": _no_record("该行是合计", "the row is a total"),
    "DQ307": _no_record("该行在表头之上", "the row stands above the header"),
    "DQ308": _no_record("该行说的是文件本身", "the row tells of the file itself"),
    "DQ309": _no_record(
        "该订单已合并或拆分，其商品另有行",
        "the order was merged or split: its items stand in other rows",
    ),
    "DQ401": _reason(
        "该行有公式但没有保存其结果",
        "请用 Excel 打开并保存该文件",
        "a formula of the row has no stored value",
        "open the file in Excel and save it",
    ),
    "DQ402": _reason(
        "该行有单元格是 Excel 错误值（如 #N/A）",
        "请改正公式或清空该单元格",
        "a cell of the row holds an error of Excel, like #N/A",
        "correct its formula, or empty the cell",
    ),
    "DQ403": _reason(
        "该行有超出所有日期的数字",
        "请改正该行的日期",
        "the row holds a number beyond all dates",
        "correct its dates",
    ),
}
"""``DQ1`` ids, ``DQ2`` times, ``DQ3`` rows as a whole, ``DQ4`` cells of workbooks."""

NO_RECORDS = tuple(code for code, reason in REASONS.items() if not reason.record)
"""The codes of rows that are no records: titles, totals, repeated headers."""
