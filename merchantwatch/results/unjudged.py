"""The reason why nothing at all was judged: that must never look like "nothing found"."""

from collections.abc import Collection

from merchantwatch.language.text import Text
from merchantwatch.results.inputs import Accounting

_NO_ROWS = Text(
    zh="什么也没有判定：文件中没有订单行",
    en="nothing was judged: there is no row of an order in the files",
)
_NO_LINES = Text(
    zh="什么也没有判定：{rows} 行都不能判定（{why}）",
    en="nothing was judged: not one of {rows|row} can be ({why})",
)
_NOT_APPLICABLE = Text(
    zh="什么也没有判定：所选规则都不适用于这些订单的平台",
    en="nothing was judged: no rule that was chosen is for the platform of these orders",
)
_NOT_EVALUATED = Text(
    zh="什么也没有判定：没有可评估的规则，导出缺少规则要读的列",
    en="nothing was judged: no rule could be evaluated, the exports lack what the rules read",
)
_EACH_UNJUDGED = Text(
    zh="什么也没有判定：每一行都缺少判定所需的内容",
    en="nothing was judged: every line lacks what the rules need of it",
)


def nothing_judged(
    accounting: Accounting, statuses: Collection[str], *, each_unjudged: bool = False
) -> Text | None:
    """Return why no line was judged by any rule; None if some line was.

    ``statuses`` are those of the rules; ``each_unjudged`` says that the evaluated ones left every
    line unjudged.
    """
    if not accounting.rows_read:
        return _NO_ROWS
    if not accounting.lines:
        return _NO_LINES.fill(rows=f"{accounting.rows_read:,}", why=_why(accounting))
    if "evaluated" not in statuses:
        missing = "not_evaluated" in statuses
        return _NOT_EVALUATED if missing else _NOT_APPLICABLE
    return _EACH_UNJUDGED if each_unjudged else None


def _why(accounting: Accounting) -> Text:
    parts = []
    if accounting.quarantined:
        n = f"{accounting.quarantined:,}"
        parts.append(Text(zh=f"读不懂 {n} 行", en=f"{n} not understood"))
    if accounting.later:
        n = f"{accounting.later:,}"
        parts.append(Text(zh=f"晚于判定时刻 {n} 行", en=f"{n} later than as-of"))
    if accounting.superseded:
        n = f"{accounting.superseded:,}"
        parts.append(Text(zh=f"已被替换 {n} 行", en=f"{n} replaced"))
    return Text(zh="，".join(p.zh for p in parts), en=", ".join(p.en for p in parts))
