"""Marks of an SVG drawing, and how numbers are written on it."""

from collections.abc import Sequence
from html import escape

INK, FAINT, GRID, PAPER = "#1f2937", "#6b7280", "#e5e7eb", "#ffffff"
FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif"


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    size: float = 12,
    fill: str = INK,
    weight: int = 400,
) -> str:
    """Write words; ``y`` is their base line."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}" '
        f'font-weight="{weight}" fill="{fill}">{escape(words)}</text>'
    )


def bar(x: float, y: float, width: float, height: float, fill: str) -> str:
    """Draw a bar, so wide at least that it is seen."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1.5):.1f}" height="{height:.1f}" '
        f'rx="2" fill="{fill}"/>'
    )


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = GRID) -> str:
    """Draw a thin line."""
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{stroke}" fill="none"/>'


def curve(points: Sequence[tuple[float, float]], stroke: str) -> str:
    """Draw points, and the lines between them."""
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points)
    return (
        f'<path d="M{path}" stroke="{stroke}" stroke-width="2" fill="none"/>'
        f'<g fill="{stroke}">{dots}</g>'
    )


def drawing(width: float, height: float, title: str, marks: Sequence[str]) -> str:
    """Put marks on a sheet."""
    size = f'width="{width:g}" height="{height:g}"'
    sheet = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" {size}',
        f' role="img" font-family="{FONT}">',
        f"<title>{escape(title)}</title>",
        f'<rect {size} rx="8" fill="{PAPER}"/>',
        *marks,
        "</svg>",
    ]
    return "\n".join(sheet) + "\n"


def short(value: float) -> str:
    """Write a round number shortly: 100k, 10M."""
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:.3g}{letter}"
    return f"{value:.3g}"
