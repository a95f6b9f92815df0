"""How much a page weighs on its way to a browser that has nothing yet: a budget in bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.scene import furnish
from tests.console_client import Window, window
from tests.integration.mcp.conftest import Desk, ready
from tests.integration.mcp.house_fixture import LENA

pytestmark = pytest.mark.anyio

BUDGET = 60 * 1024
LINKED = re.compile(r'(?:href|src)="(/static/[^"]+)"')
NAMED = re.compile(r'url\("([^"/]+)"\)')


async def weight(at: Window, path: str) -> tuple[int, str]:
    """Return the bytes of an answer's body as they travelled, and its text."""
    answer = await at.get(path)
    assert answer.status_code == 200, path
    if answer.headers["content-type"].startswith(("text", "application")):
        assert answer.headers.get("content-encoding") == "gzip" or len(answer.content) < 1024, path
        return answer.num_bytes_downloaded, answer.text
    return answer.num_bytes_downloaded, ""


def linked(text: str) -> Iterator[str]:
    """Yield the addresses that a page or a style sheet has a browser fetch."""
    yield from LINKED.findall(text)
    yield from (f"/static/{name}" for name in NAMED.findall(text))


async def whole(at: Window, path: str) -> int:
    """Return the bytes of a page and of all that it has a browser fetch."""
    waiting, seen, total = [path], {path}, 0
    for one in waiting:
        size, text = await weight(at, one)
        total += size
        fresh = [found for found in linked(text) if found not in seen]
        seen.update(fresh)
        waiting += fresh
    return total


async def test_every_page_is_light_to_whoever_opens_it_for_the_first_time(
    desk: Desk, tmp_path: Path
) -> None:
    """Page, styles, script, font and marks together stay within 60 KB, for every page there is."""
    async with ready(desk, tmp_path / "lone", 0) as kit:
        scene = await furnish(kit)
        at = window(kit)
        await at.sign_in(LENA)
        sizes = {path: await whole(at, path) for _, path in scene.pages}
    assert {path: size for path, size in sizes.items() if size > BUDGET} == {}
