"""Hostile text in every field of every page, in a real browser and under the real headers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jinja2 import UndefinedError

from sallyport.doors.console import app
from sallyport.doors.console import page as rendering
from sallyport.model import Json
from tests.browser.hostile import HOSTILE, faults, places, replaced
from tests.browser.test_pages import Shown
from tests.browser.test_pages import shown as shown  # noqa: PLC0414 (a fixture, shared)

pytestmark = pytest.mark.anyio

CLOSED = frozenset(
    {
        *("action", "change", "check", "class", "ending", "environment", "found", "kind", "place"),
        *("reversible", "stage", "state", "verdict", "groups.name", "steps.name"),
    }
)
"""Places that hold a word of the gateway's own, for which a page has a sentence or a mark."""
A_MARK = "#m-javascript"
OURS = re.compile(r"/[a-z-]+/[\w.@-]+")
"""An address that the gateway has put together itself."""


REFERRING = ("argument", "arguments", "differing")
NAMED = ("args", "amounts", "same")
"""The last words of places that name one of a call's arguments, and of those that hold them."""


def renamed(value: Json, text: str) -> Json:
    """Return a value in which every argument has a hostile name, where it stands and is meant."""
    if isinstance(value, list):
        return [renamed(one, text) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _renamed(name, renamed(one, text), text) for name, one in value.items()}


def _renamed(field: str, value: Json, text: str) -> Json:
    if field in NAMED and isinstance(value, dict):
        return {f"{text}{name}": one for name, one in value.items()}
    if field in REFERRING and isinstance(value, list):
        return [f"{text}{one}" for one in value]
    return f"{text}{value}" if field in REFERRING and value else value


def is_closed(at: str) -> bool:
    """Return whether a place holds a word of the gateway's own."""
    *_, last = parts = at.split(".")
    return last in CLOSED or ".".join(parts[-2:]) in CLOSED


class Poison:
    """A way to fill in templates with every text of a page replaced, and what was replaced."""

    def __init__(self, text: str = HOSTILE) -> None:
        self.text = text
        self.filled: dict[str, set[str]] = {}
        self.kept = set[str]()

    def render(self, template: str, **values: Any) -> str:
        """Fill a template in, as the console does, with what is hostile in place of every text."""
        poisoned = dict(values)
        for part in ("v", "frame", "problem"):
            if isinstance(values.get(part), dict):
                poisoned[part] = self._poisoned(template, part, values)
        return rendering.render(template, **poisoned)

    def _poisoned(self, template: str, part: str, values: dict[str, Any]) -> Any:
        open_to = set[str]()
        for at, text in places(values[part]).items():
            if self._takes(template, part, values, at, text):
                open_to.add(at)
        self.filled.setdefault(template, set()).update(f"{part}.{at}" for at in open_to)
        found = replaced(values[part], lambda at, text: self.text if at in open_to else text)
        return renamed(found, self.text)

    def _takes(self, template: str, part: str, values: dict[str, Any], at: str, text: str) -> bool:
        """Return whether a page can show other text there: it cannot where it knows the words."""
        if at.rpartition(".")[2] in REFERRING:
            return False
        if at.startswith(("script.", "keys.")):
            return False
        if at.endswith("href") and OURS.fullmatch(text):
            return False
        if not re.fullmatch(r"[a-z_]*", text):
            return True
        other = replaced(values[part], lambda here, old: self.text if here == at else old)
        try:
            page = rendering.render(template, **{**values, part: other})
        except (KeyError, TypeError, UndefinedError):
            page = A_MARK
        if A_MARK in page and text:
            self.kept.add(f"{template} {at}")
        return A_MARK not in page


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Poison:
    """Have the console fill its templates with hostile text."""
    made = Poison()
    monkeypatch.setattr(app, "render", made.render)
    return made


async def test_no_field_of_any_page_lets_text_be_more_than_text(
    shown: Shown, poison: Poison
) -> None:
    """Nothing runs, loads, leads away or hides; no page grows wider than a phone."""
    desk, found = shown.desk, list[str]()
    for name, path in (*shown.scene.pages, ("error", "/no/such/page")):
        await desk.page.set_viewport_size({"width": 1280, "height": 900})
        answer = await desk.page.goto(f"{desk.url}{path}")
        assert answer
        if answer.status != (404 if name == "error" else 200):
            found.append(f"{name}: {answer.status} {(await answer.text())[-1500:]}")
        found += [f"{name}: {one}" for one in await faults(desk.page)]
        await desk.page.set_viewport_size({"width": 320, "height": 900})
        if await desk.overflows():
            found.append(f"{name}: is wider than its window")
    await desk.page.set_viewport_size({"width": 1280, "height": 900})
    assert found == [], "\n".join(found)
    ours = [one for one in desk.complaints if "404" not in one]
    assert ours == []
    desk.complaints.clear()
    assert [one for one in sorted(poison.kept) if not is_closed(one.split()[1])] == []
    assert {"v.words", "v.sentences", "v.args.body"} <= poison.filled["approval"]
