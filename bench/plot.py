"""Bars on a logarithmic scale as an SVG picture, which follows the reader's light or dark theme."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT = 860, 236, 96
BAR, GAP, GROUP = 13, 3, 14
TITLE, FOOT, TOP = 34, 34, 40

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; font-size: 14px; }
.faint { fill: #59636e; font-size: 11.5px; }
.ours { font-weight: 600; }
.grid { stroke: #d1d9e0; stroke-width: 1; }
.bar { fill: #8c959f; }
.bar.ours { fill: #0969da; }
.s1 { opacity: 0.55; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; }
  .faint { fill: #9198a1; }
  .grid { stroke: #3d444d; }
  .bar { fill: #656c76; }
  .bar.ours { fill: #4493f8; }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One name and a bar for each series; None where there is nothing, which `note` explains."""

    name: str
    values: tuple[float | None, ...]
    ours: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Rows that share a scale."""

    title: str
    unit: str
    rows: tuple[Row, ...]


def draw(panels: Sequence[Panel], series: Sequence[str]) -> str:
    """Return the picture.

    Args:
        panels: What is drawn, from top to bottom.
        series: What the bars of a row stand for.
    """
    parts: list[str] = list(_legend(series))
    top = TOP
    for panel in panels:
        parts += _panel(panel, top, len(series))
        top += _height(panel, len(series))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img">'
    names = escape("; ".join(panel.title for panel in panels))
    return "\n".join((head, f"<title>{names}</title>", f"<style>{STYLE}</style>", *parts, "</svg>"))


def _legend(series: Sequence[str]) -> Iterator[str]:
    left = 16
    for number, name in enumerate(series):
        yield f'<rect class="bar ours s{number}" x="{left}" y="12" width="{BAR}" height="{BAR}"/>'
        yield _text(left + BAR + 6, 23, name, "faint")
        left += BAR + 30 + 7 * len(name)


def _panel(panel: Panel, top: int, series: int) -> Iterator[str]:
    low, high = decades([v for row in panel.rows for v in row.values if v is not None])
    yield _text(16, top + 18, panel.title, "title")
    yield from _grid(panel, top, series, low, high)
    y = top + TITLE
    for row in panel.rows:
        ours = " ours" if row.ours else ""
        middle = y + _row_height(series) / 2
        yield _text(LEFT - 12, middle, row.name, f"name{ours}", anchor="end")
        if all(value is None for value in row.values):
            yield _text(LEFT + 6, middle, row.note or "not run", "faint")
        for number, value in enumerate(row.values):
            if value is not None:
                width = max(2.0, place(value, low, high) - LEFT)
                y_bar = y + number * (BAR + GAP)
                size = f'width="{width:.1f}" height="{BAR}" rx="2"'
                yield f'<rect class="bar{ours} s{number}" x="{LEFT}" y="{y_bar}" {size}/>'
                label = f"{figure(value)} {panel.unit}"
                yield _text(LEFT + width + 6, y_bar + BAR / 2, label, f"faint{ours}")
        y += _row_height(series) + GROUP


def _grid(panel: Panel, top: int, series: int, low: int, high: int) -> Iterator[str]:
    bottom = top + _height(panel, series) - FOOT
    for power in range(low, high + 1):
        x = place(10.0**power, low, high)
        line = f'x1="{x:.1f}" x2="{x:.1f}" y1="{top + TITLE - 6}" y2="{bottom}"'
        yield f'<line class="grid" {line}/>'
        yield _text(x, bottom + 10, figure(10.0**power), "faint", anchor="middle")


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" dominant-baseline="middle"'
    return f'<text class="{kind}" {where}>{escape(text)}</text>'


def decades(values: Sequence[float]) -> tuple[int, int]:
    """Return the powers of ten that all values lie between."""
    if not values:
        return 0, 1
    low = math.floor(math.log10(min(values)))
    return low, max(low + 1, math.ceil(math.log10(max(values))))


def place(value: float, low: int, high: int) -> float:
    """Return where a value lies, in the units of the picture."""
    share = (math.log10(value) - low) / (high - low)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def figure(value: float) -> str:
    """Return a value with three digits that say something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _row_height(series: int) -> int:
    return series * (BAR + GAP) - GAP


def _height(panel: Panel, series: int) -> int:
    return TITLE + len(panel.rows) * (_row_height(series) + GROUP) + FOOT
