"""What has become of each line: when it was ordered, paid, due and shipped, and in which words."""

from datetime import UTC, datetime

import numpy as np
from generator.draw import Draw, Numbers
from generator.world import World
from moment import AS_OF

MINUTE, HOUR, DAY = 60, 3600, 86400
NOW = int(datetime.fromisoformat(AS_OF).replace(tzinfo=UTC).timestamp())
"""As-of, as seconds of wall-clock time; all times of lines are counted so."""

NEVER = np.iinfo(np.int64).min  # as a datetime64: not a time
NOTHING = np.array(None, object)

CLOSED_UNPAID, UNPAID, REFUNDED, OPEN, SHIPPED = range(5)
CLOSED_SHARES = [0.03, 0.01, 0.03]
LATE_OPEN, LATE_SHIPPED, OUT_OF_STOCK = 0.03, 0.02, 0.02  # of the open, shipped, open lines

SHORT = ["缺货", "无货", "断货,已联系买家", "仓库没货"]
REFUND_DONE = ["退款成功", "已全额退款", "同意退款，退款成功"]
REFUND_OPEN = [*[None] * 4, "退款中", "售后待处理", "待商家处理", "退款成功"]
AFTER_SALES = [*[None] * 40, "售后关闭", "待退货", "待收退货", "退货后拒绝退款", "换货成功"]


def kinds(draw: Draw, world: World) -> Numbers:
    """Draw what has become of each line: one of CLOSED_UNPAID to SHIPPED."""
    shares = [*CLOSED_SHARES, world.open]
    return draw.rng.choice(len(shares) + 1, draw.size, p=[*shares, 1 - sum(shares)])


def course(draw: Draw, kind: Numbers, world: World, exported: int) -> dict[str, Numbers]:
    """Draw when each line was ordered, paid, due, shipped and completed."""
    late_open = (kind == OPEN) & draw.chance(LATE_OPEN * world.late)
    late = (kind == SHIPPED) & draw.chance(LATE_SHIPPED * world.late)
    yet_to_come = (kind == OPEN) & ~late_open & draw.chance(0.002) & (exported > NOW)
    moment = np.select(
        [yet_to_come, late_open, late, kind == OPEN, kind == UNPAID],
        [
            NOW + draw.between(11 * MINUTE, 20 * MINUTE),
            NOW - 48 * HOUR - draw.between(1, 3 * DAY),
            NOW - draw.between(8 * DAY, 30 * DAY),
            draw.between(NOW - 47 * HOUR, min(exported, NOW) - HOUR),
            min(exported, NOW) - draw.between(1, 30 * MINUTE),
        ],
        NOW - draw.between(3 * DAY, 30 * DAY),
    )
    paid = np.where(kind >= REFUNDED, moment, NEVER)
    presale = (kind == SHIPPED) & ~late & draw.chance(0.03)
    due = np.where(paid == NEVER, NEVER, moment + np.where(presale, 15 * DAY, 48 * HOUR))
    shipped = _shipped(draw, kind, moment, due, late, presale)
    after_as_of = (kind == OPEN) & ~late_open & draw.chance(0.003) & (exported > NOW)
    shipped = np.where(after_as_of, NOW + draw.between(1, 10 * MINUTE), shipped)
    completed = shipped + draw.between(5 * DAY, 10 * DAY)
    return {
        "订单提交时间": moment - draw.between(5, 10 * MINUTE),
        "支付完成时间": paid,
        "承诺发货时间": np.where(draw.chance(0.01) & ~presale, NEVER, due),
        "发货时间": shipped,
        "订单完成时间": np.where((kind == SHIPPED) & (completed < exported), completed, NEVER),
    }


def _shipped(
    draw: Draw, kind: Numbers, moment: Numbers, due: Numbers, late: Numbers, presale: Numbers
) -> Numbers:
    """Draw when lines were shipped: some too late, some on the last second, most in time."""
    lateness = np.where(draw.chance(0.2), DAY * draw.between(1, 4), draw.between(1, DAY))
    on_the_second = draw.chance(0.003) & ~presale
    return np.select(
        [late, (kind == SHIPPED) & on_the_second, kind == SHIPPED],
        [due + lateness, due, moment + draw.between(HOUR, 47 * HOUR)],
        NEVER,
    )


def known_times(draw: Draw, kind: Numbers, times: dict[str, Numbers]) -> dict[str, Numbers]:
    """Draw the words that go with a line: its state, its after-sales, why it is not shipped."""
    shipped, completed = times["发货时间"] != NEVER, times["订单完成时间"] != NEVER
    waiting = draw.word(["待发货", "备货中"])
    short = ((kind == OPEN) & draw.chance(OUT_OF_STOCK)) | draw.chance(0.0005)
    in_note = draw.chance(0.5)
    word = draw.word(SHORT)
    unpaid, unwanted = np.array("超时未支付", object), np.array("不想要了", object)
    reason = np.select(
        [short & ~in_note, kind == CLOSED_UNPAID, kind == REFUNDED],
        [word, unpaid, unwanted],
        NOTHING,
    )
    after_sale = np.select(
        [kind == REFUNDED, short, kind == SHIPPED],
        [draw.word(REFUND_DONE), draw.word(REFUND_OPEN), draw.word(AFTER_SALES)],
        NOTHING,
    )
    return {
        "订单状态": np.select(
            [kind <= REFUNDED, completed, shipped],
            [np.where(kind == UNPAID, "待支付", "已关闭"), "已完成", "已发货"],
            waiting,
        ),
        "售后状态": after_sale,
        "取消原因": reason,
        "商家备注": np.where(short & in_note, word, NOTHING),
    }
