"""`boundary explain --html` in a real browser: read by eye and ear, in light, dark and on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from sallyport.rules.boundary.explain import explain
from sallyport.rules.boundary.page import page
from tests.browser.console import browser, faults_of
from tests.unit.boundary.examples import support
from tests.unit.boundary.gallery import CHILD, EVERY_OPERATOR


@pytest.mark.anyio
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_is_free_of_barriers(
    tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    """WCAG 2.2 AA by axe, wide and at 320 px, and never wider than its window."""
    file = tmp_path / "boundary.html"
    words = [explain(support()), explain(support(EVERY_OPERATOR, CHILD))]
    file.write_text(page(words), encoding="utf-8")
    async with browser() as started:
        shown = await (await started.new_context(color_scheme=scheme, bypass_csp=True)).new_page()
        await shown.goto(file.as_uri())
        for width in (1280, 320):
            await shown.set_viewport_size({"width": width, "height": 900})
            assert await faults_of(shown) == []
            assert await shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.anyio
async def test_the_page_can_be_printed(tmp_path: Path) -> None:
    """On paper it is black on white, whatever the screen is; and the browser has no complaint."""
    file = tmp_path / "boundary.html"
    file.write_text(page([explain(support())]), encoding="utf-8")
    async with browser() as started:
        shown = await (await started.new_context(color_scheme="dark")).new_page()
        complaints: list[str] = []
        shown.on("console", lambda message: complaints.append(message.text))
        await shown.goto(file.as_uri())
        await shown.emulate_media(media="print")
        style = "getComputedStyle(document.body)"
        colours = [await shown.evaluate(f"{style}.{one}") for one in ("color", "backgroundColor")]
    assert colours == ["rgb(27, 27, 25)", "rgb(255, 255, 255)"]
    assert complaints == []
