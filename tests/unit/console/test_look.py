"""The table of colours, computed anew from the style sheet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sallyport.doors.console

CSS = (Path(sallyport.doors.console.__file__).parent / "static" / "console.css").read_text(
    encoding="utf-8"
)
COLOURS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", CSS
    )
}
TEXT = 4.5
EDGE = 3.0
ON_PAGE = ("ink", "ink2", "ink3", "accent", "allow", "ask", "draft", "refuse")
TINTED = (
    *(("accent", "accent-tint"), ("allow", "allow-tint"), ("ask", "ask-tint")),
    *(("draft", "draft-tint"), ("refuse", "refuse-tint")),
    *(("ink", "ask-tint"), ("ink2", "ask-tint"), ("ink", "refuse-tint"), ("ink2", "refuse-tint")),
    *(("ink", "draft-tint"), ("ink", "accent-tint"), ("ink2", "accent-tint")),
    ("on-refuse", "refuse"),
)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(text: str, ground: str, scheme: int) -> float:
    """Return the contrast of two names, in the light scheme (0) or the dark one (1)."""
    light, dark = sorted(
        (luminance(COLOURS[text][scheme]), luminance(COLOURS[ground][scheme])), reverse=True
    )
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
@pytest.mark.parametrize("ground", ["sheet", "paper", "raise"])
@pytest.mark.parametrize("text", ON_PAGE)
def test_text_can_be_read_on_every_ground(text: str, ground: str, scheme: int) -> None:
    """WCAG AA on sheet, paper and what is raised."""
    assert contrast(text, ground, scheme) >= TEXT


@pytest.mark.parametrize("scheme", [0, 1])
@pytest.mark.parametrize("pair", TINTED)
def test_text_can_be_read_on_its_tint(pair: tuple[str, str], scheme: int) -> None:
    """WCAG AA on each tint that text stands on, and on the solid stop."""
    assert contrast(*pair, scheme) >= TEXT


@pytest.mark.parametrize("scheme", [0, 1])
@pytest.mark.parametrize("ground", ["sheet", "paper"])
def test_what_is_pressed_or_traced_can_be_seen(ground: str, scheme: int) -> None:
    """Borders of controls and the thread."""
    assert contrast("edge", ground, scheme) >= EDGE


def test_each_colour_is_declared_once_and_used_by_its_name() -> None:
    """No colour stands in a rule: a change of the table changes every page."""
    rules = CSS[CSS.index("* { box-sizing") :]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", rules) == []
    assert set(re.findall(r"var\(--([a-z0-9-]+)\)", rules)) <= set(COLOURS)
    assert {one for one in COLOURS if f"var(--{one})" not in rules} <= {"allow-tint"}
