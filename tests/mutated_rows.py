"""Files of order rows with what hands and programs do to them, and what must become of each row.

The oracle is written in plain Python from how the file was made, not from how it is read: each row has
a number, which stands in its id, its name and its times, so that a cell of another row is seen.
"""

import random
from dataclasses import dataclass, field

HEADERS = [
    "主订单编号", "子订单编号", "商品ID", "买家留言", "订单提交时间", "支付完成时间", "承诺发货时间", "发货时间",
    "订单状态", "选购商品", "收件人",
]  # fmt: skip
UNREAD = (3, 10)
STRAY = ['"5寸', '5"', '"a" b', '6" x 8"', '"', '"', '"x, y', '""z']
NOTES = [
    "a, b",
    "two\nlines",
    'with "quotes"',
    "x\n\ny",
    "a\nb,c\nd",
    "cr\rhere",
    " ",
    "a\tb",
    '"\n"',
    ";;;",
]
PERSON = "收件人甲"


@dataclass
class Drawn:
    """A file and what is known of it: how many rows it has, and which must be judged, or may not."""

    text: str
    rows: int = 0
    whole: set[int] = field(default_factory=set)
    doubtful: set[int] = field(default_factory=set)
    none: int = 0


def row_of(seed: int, number: int) -> list[str]:
    """The cells of a row of a file: late, each of its times computed from its number."""
    day = f"2026-11-{number % 18 + 1:02d}"
    times = [f"{day} {number % 24:02d}:{number % 60:02d}:{second:02d}" for second in (1, 2, 3)]
    ids = f"9{seed:06d}{number:03d}"
    return [ids, ids, "37", "-", *times, "-", "备货中", f"件{number}", PERSON]


def drawn(seed: int) -> Drawn:
    """Return the file of a number, always the same."""
    draw = random.Random(seed)
    sign, end = draw.choice(",,,\t;"), draw.choice(["\n", "\r\n", "\r\n", "\r"])
    all_quoted = draw.random() < 0.3
    rows = Drawn("")

    def written(cells: list[str]) -> str:
        special = ('"', "\r", "\n", sign)
        return sign.join(
            '"' + cell.replace('"', '""') + '"' if all_quoted or any(map(cell.__contains__, special)) else cell
            for cell in cells
        )  # fmt: skip

    lines = ["订单明细", ""][: draw.choice([0, 0, 0, 1, 2])]
    rows.none += bool(lines)
    lines.append(written(HEADERS))
    for number in range(1, draw.randint(2, 30)):
        cells = row_of(seed, number)
        lines += _mutated(number, cells, draw, rows, written, sign, quoted=all_quoted)
    if draw.random() < 0.2:
        lines.append(written(["合计", *[""] * 10]))
        rows.none += 1
    rows.text = end.join(lines) + end
    return rows


def _mutated(number, cells, draw, drawn, written, sign, *, quoted) -> list[str]:
    """The lines of one row, as it is or mutated, and what may stand before it."""
    kind, before = draw.random(), []
    drawn.rows += 1
    drawn.whole.add(number)
    line = written(cells)
    if kind < 0.12:
        cells[draw.choice(UNREAD)] = draw.choice(NOTES)
        line = written(cells)
    elif kind < 0.30 and not quoted:
        raw = [written([cell]) for cell in cells]
        raw[draw.choice((*UNREAD, 9))] = draw.choice(STRAY).replace(
            ",", sign if draw.random() < 0.1 else ";"
        )
        line = sign.join(raw)
        if line.count(sign) != len(cells) - 1:
            _not_whole(drawn, number)
    elif kind < 0.36:
        line = written(cells[: draw.randint(2, 10)])
        _not_whole(drawn, number)
    elif kind < 0.42:  # a sign too many moves each cell behind it; the last may fall off
        at = draw.randrange(2, 10)
        cells = [*cells[:at], "x", *cells[at:]]
        line = written(cells if draw.random() < 0.5 else cells[:-1])
        _not_whole(drawn, number)
    elif kind < 0.46:
        before = [draw.choice(["", sign * 10, sign * 3])]
    elif kind < 0.50:  # a further line of the order, blank but in unread columns
        before = [written([*[""] * 10, PERSON])]
        drawn.rows += 1
    elif kind < 0.53:
        line += sign * draw.randint(1, 3)
    elif kind < 0.55:
        before = [written(HEADERS)]
        drawn.none += 1
    return [*before, line]


def _not_whole(drawn: Drawn, number: int) -> None:
    drawn.whole.discard(number)
    drawn.doubtful.add(number)
