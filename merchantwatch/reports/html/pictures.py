"""Pictures of the page: SVG drawn at write time, coloured by the style of the page."""

from collections.abc import Sequence

from markupsafe import Markup

from merchantwatch.reports.charts import charts, plain

_LINES = 4
"""How many lines of the scale there are at most, above zero."""

_WIDTH, _HEIGHT = 1120, 200
_ROW, _EDGE = 26, 40
"""The height of a horizontal bar with its gap, and of the margins above and below all bars."""

_NAMES = 300
"""The width for the names of horizontal bars."""


def bars(names: Sequence[str], some: Sequence[str], rows: Sequence[Sequence[int]]) -> Markup:
    """Return stacked bars of several colours, of which ``some`` are named."""
    most = max(map(sum, zip(*rows, strict=True)))
    # Whole steps: half an order is no height of a bar.
    scale = range(0, most + 1, -(-most // _LINES))
    return _drawn("StackedBar", _HEIGHT, names, some, rows, scale)


def shares(names: Sequence[str], some: Sequence[str], rows: Sequence[Sequence[float]]) -> Markup:
    """Return bars of shares from 0 to 1, as many percent high."""
    most = max(max(row) for row in rows)
    top = next((top for top in (0.05, 0.1, 0.2, 0.5) if most <= top), 1.0)
    scale = [round(100 * top * n / _LINES, 2) for n in range(_LINES + 1)]
    percents = [[100 * share for share in row] for row in rows]
    return _drawn("StackedBar", _HEIGHT, names, some, percents, scale, "{:g}%")


def lying(names: Sequence[str], counts: Sequence[int]) -> Markup:
    """Return horizontal bars, the first on top."""
    scale = range(0, max(counts) + 1, -(-max(counts) // _LINES))
    # pygal draws from the bottom up.
    names, rows = list(names)[::-1], [list(counts)[::-1]]
    height = _ROW * len(counts) + _EDGE
    return _drawn("HorizontalBar", height, names, names, rows, scale)


def _drawn(
    kind: str,
    height: int,
    names: Sequence[str],
    some: Sequence[str],
    rows: Sequence[Sequence[float]],
    scale: Sequence[float],
    written: str = "{:,.0f}",
) -> Markup:
    chart = getattr(charts(), kind)(
        width=_WIDTH,
        height=height,
        margin=4,
        margin_right=40,
        margin_left=_NAMES - 100 if kind == "HorizontalBar" else 4,
        js=(),
        css=(),
        no_prefix=True,
        show_legend=False,
        show_minor_x_labels=False,
        truncate_label=-1,
        value_formatter=written.format,
    )
    chart.x_labels = list(names)
    chart.x_labels_major = list(some)
    chart.y_labels = list(scale)
    chart.range = (scale[0], scale[-1])
    for row in rows:
        chart.add("", list(row))
    # On a phone it is wider than the page: the box scrolls, by keyboard too.
    picture = plain(chart.render_tree(), _WIDTH, height)
    return Markup('<div class="picture" tabindex="0">{}</div>').format(picture)
