"""The after-sales cases of a made-up merchant, as Douyin exports them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from hypothesis import strategies as st
from oracle import CaseExport
from oracle.cases import INTERVENTION, KINDS, PAID_BY, STATUS

from worlds.moments import DAY, HOUR, SECOND, ago, around, spelt_time
from worlds.world import file_name

IDS = ("售后单号", "订单号", "商品单号", "商品ID")
TIMES = ("售后申请时间", "同意售后申请时间", "售后完结时间", "自动处理截止时间")
WORDS = ("售后类型", "售后状态", "售后原因", "仲裁状态", "退款方式", "退商品金额（元）")
MAY_LACK = (
    "",
    "",
    "",
    "",
    "售后原因",
    "自动处理截止时间",
    "仲裁状态",
    "退款方式",
    "同意售后申请时间",
)
REASONS = ("未收到货", "物流停滞/丢件", "少件/空包裹", "未按约定时间发货", "商品质量问题", "与描述不符", "拒签",
           "商家缺货", "不想要了", "承诺的赠品未发", "商品破损", "-")  # fmt: skip
DAMAGE = (("售后单号", "7.0E+17"), ("售后单号", "-"), ("售后申请时间", "昨天"), ("售后状态", "一个新词"),
          ("售后状态", "-"), ("售后类型", "一种新类型"), ("商品单号", "6.9E+18"), ("仲裁状态", "仲裁结束"),
          ("退款方式", "另一种方式"))  # fmt: skip


class Known(NamedTuple):
    """A line by its ids, as a case may name it."""

    line: str
    order: str
    product: str


@st.composite
def case_columns(draw: st.DrawFn) -> tuple[str, ...]:
    """The columns of an export of cases; one may be missing."""
    lacking = draw(st.sampled_from(MAY_LACK))
    return tuple(name for name in (*IDS, *WORDS, *TIMES) if name != lacking)


@st.composite
def case_exports(
    draw: st.DrawFn,
    lines: Sequence[Known],
    age: int,
    as_of: datetime,
    headers: tuple[str, ...] = (),
) -> CaseExport:
    """Cases of known lines and of strangers; some name only the order, or neither.

    In a wave of complaints they have one time and one outcome.
    """
    rows: dict[str, dict[str, str]] = {}
    headers = headers or draw(case_columns())
    wave = draw(complaints(as_of)) if draw(st.integers(0, 2)) == 2 else {}
    for _ in range(draw(st.integers(0, 12))):
        line = draw(st.sampled_from(lines))
        case_id = f"70{line.line}{draw(st.integers(0, 3))}"[-18:]
        known = draw(st.sampled_from(("line", "line", "line", "order", "nothing")))
        row = {
            "售后单号": f"\t{case_id}",
            "订单号": "-" if known == "nothing" else f"\t{line.order}",
            "商品单号": f"\t{line.line}" if known == "line" else "-",
            "商品ID": draw(st.sampled_from(("-", line.product))),
            **draw(courses(as_of)),
            **wave,
        }
        rows[case_id] = {name: row[name] for name in headers}
    done = draw(finished(as_of)) if draw(st.integers(0, 1)) else []
    for row in rows.values():
        if done and draw(st.booleans()):
            row["售后类型"] = done[0]["售后类型"]
    cases = [*({name: row[name] for name in headers} for row in done), *rows.values()]
    if cases and draw(st.integers(0, 3)) == 3:  # one export in four is damaged
        name, spoilt = draw(st.sampled_from(DAMAGE))
        cases[-1] = cases[-1] | ({name: spoilt} if name in headers else {})
    return CaseExport(file_name(age), headers, cases)


@st.composite
def courses(draw: st.DrawFn, as_of: datetime) -> dict[str, str]:
    """How a case has gone: its words, and times of which each may be missing."""
    applied = ago(as_of, *(n * HOUR for n in (0, 24, 36, 48)), 6 * DAY, 7 * DAY, 90 * DAY)
    due = ago(as_of, 24 * HOUR, 0 * HOUR, -12 * HOUR, -24 * HOUR)
    closed = ago(as_of, 0 * HOUR, 6 * DAY, 7 * DAY, 8 * DAY)
    moments = (applied, st.none() | around(as_of), st.none() | closed, st.none() | due)
    times = {name: draw(at) for name, at in zip(TIMES, moments, strict=True)}
    return {
        "售后类型": draw(st.sampled_from(tuple(KINDS))),
        "售后状态": draw(st.sampled_from(("待商家处理", *STATUS))),
        "售后原因": draw(st.sampled_from(REASONS)),
        "仲裁状态": draw(st.sampled_from(("未介入", *INTERVENTION, "-"))),
        "退款方式": draw(st.sampled_from(tuple(PAID_BY))),
        "退商品金额（元）": draw(
            st.sampled_from(("99.50", "99.49", "49.75", "49.75", "300.00", "-"))
        ),
        **{name: spelt_time(at) if at else "-" for name, at in times.items()},
    }


@st.composite
def finished(draw: st.DrawFn, as_of: datetime) -> list[dict[str, str]]:
    """Refunds of strangers: about twenty of one kind, about nine of ten of them done within a day."""
    fast, slow = draw(
        st.sampled_from(((18, 2), (17, 2), (17, 3), (19, 2), (18, 3), (27, 3), (20, 0)))
    )
    kind = draw(st.sampled_from(("未发货退款", "已发货退款", "退货退款")))
    closed = draw(st.sampled_from((DAY, DAY, 89 * DAY, 90 * DAY, 90 * DAY + SECOND)))
    rows = []
    for number, waited in enumerate([DAY] * fast + [9 * DAY] * slow):
        at = as_of - (closed if number == 0 else DAY)
        cells = {"售后申请时间": spelt_time(at - waited), "售后完结时间": spelt_time(at)}
        words = {"售后单号": f"71{number:016}", "售后类型": kind, "售后状态": "同意退款，退款成功"}
        rows.append({**dict.fromkeys((*IDS, *WORDS, *TIMES), "-"), **words, **cells})
    return rows


@st.composite
def complaints(draw: st.DrawFn, as_of: datetime) -> dict[str, str]:
    """What the cases of a wave have in common."""
    applied = draw(ago(as_of, 24 * HOUR, 7 * DAY))
    outcome = draw(st.sampled_from(("协商期", "待商家举证", "客服处理中", "客服同意", "取消")))
    return {"售后申请时间": spelt_time(applied), "仲裁状态": outcome}
