"""Tmall and Taobao: deliveries that the buyer did not take (TT501 to TT506), and for whose reason."""

from collections.abc import Callable
from datetime import datetime

from oracle.after_sales import REASON
from oracle.cells import has
from oracle.clause import Rule, Truth, every, is_not, some
from oracle.lines import Line

PACKING = ("包装", "压坏", "压扁")
DAMAGED = ("破损", *PACKING)
WRONG = (
    "不符 不一致 不一样 不对 发错 错发 少件 少发 漏发 缺件 只收到 数量 质量 瑕疵 坏 变质 过期 假货 "
    "无法正常使用 无法使用 不能用 用不了 色差"
).split()
AWAY = ("不在", "无人", "没人", "联系不上", "打不通")
MIND = ("不想要", "不要了", "不需要", "不喜欢", "拍错", "买错", "多拍", "无理由", "反悔", "后悔")
SPECIAL = ("生鲜", "水果", "海鲜", "冷冻", "鲜花", "跨境", "保税", "海外", "进口")


def delivery_refused(
    why: Callable[[Line], Truth], refusal: tuple[str, ...] = ("拒签", "拒收")
) -> Callable[[Line, datetime], Truth]:
    """TT501 to TT505: a delivery that the buyer did not take, and why."""

    def when(line: Line, _as_of: datetime) -> Truth:
        pending = every(line.case_applied_at is not None, is_not(line.case_status, "closed"))
        return every(pending, has(line.case_reason, *refusal), why(line))

    return when


def reason(*words: str) -> Callable[[Line], Truth]:
    return lambda line: has(line.case_reason, *words)


def of_the_merchant(line: Line) -> Truth:
    """Not as ordered or of poor quality; a damaged packing is the carrier's."""
    packing = has(line.case_reason, *PACKING)
    return every(has(line.case_reason, *WRONG), None if packing is None else not packing)


def no_known_reason(line: Line) -> Truth:
    known = has(line.case_reason, *DAMAGED, *WRONG, *AWAY, *MIND)
    return None if known is None else not known


def special_goods(line: Line) -> Truth:
    """Fresh, valuable, or from abroad."""
    dear = None if line.amount is None else line.amount >= 5000
    return some(has(line.product_name, *SPECIAL), dear)


RULES = {
    "TT501": Rule(REASON, when=delivery_refused(reason(*DAMAGED))),
    "TT502": Rule(REASON, when=delivery_refused(of_the_merchant)),
    "TT503": Rule(REASON, when=delivery_refused(reason(*AWAY), ("拒签", "拒收", "派送", "未收到"))),
    "TT504": Rule(REASON, when=delivery_refused(reason(*MIND))),
    "TT506": Rule(REASON, when=delivery_refused(no_known_reason)),
    "TT505": Rule(f"{REASON} product_name amount", when=delivery_refused(special_goods)),
}
