"""What a system tells agents beforehand comes with its tools, in either era."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sallyport.adapters.mcp.era import INSTRUCTIONS_LENGTH_MAX
from sallyport.model import Json, JsonObject
from sallyport.rules import canonical
from sallyport.rules.methods import INSTRUCTIONS
from tests.integration.upstream.conftest import Gateway
from tests.integration.upstream.raw import RawServer, raw_server

pytestmark = pytest.mark.anyio

TEXT = "Look before you change."


@pytest.fixture(params=["2025-11-25", "2026-07-28"])
async def raw(request: pytest.FixtureRequest) -> AsyncIterator[RawServer]:
    """A server of either era with one tool."""
    async with raw_server() as server:
        if request.param == "2026-07-28":
            server.modern = {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}}
        server.pages = {"": {"tools": [{"name": "look"}]}}
        yield server


def telling(raw: RawServer, text: Json) -> None:
    """Have the server tell this when it is greeted."""
    if raw.modern is not None:
        raw.modern["instructions"] = text
    else:
        raw.hello["instructions"] = text


async def test_it_is_pinned_beside_the_tools(raw: RawServer, gateway: Gateway) -> None:
    """Under a name of its own, with a digest over the whole text."""
    telling(raw, TEXT)
    async with gateway(raw.system()) as upstreams:
        pins = {pin.tool: pin for pin in await upstreams.tools("desk")}
    told: JsonObject = {"name": INSTRUCTIONS, "instructions": TEXT}

    assert list(pins) == ["look", INSTRUCTIONS]
    assert pins[INSTRUCTIONS].definition == told
    assert pins[INSTRUCTIONS].digest == canonical.digest("tool", told)


@pytest.mark.parametrize("text", ["", None, 7, ["a"], "x" * (INSTRUCTIONS_LENGTH_MAX + 1)])
async def test_what_nobody_would_read_is_left_out(
    raw: RawServer, gateway: Gateway, text: Json
) -> None:
    """No text, an empty one, or one that is longer than may be told."""
    telling(raw, text)
    async with gateway(raw.system()) as upstreams:
        assert [pin.tool for pin in await upstreams.tools("desk")] == ["look"]


async def test_no_tool_can_pass_for_it(raw: RawServer, gateway: Gateway) -> None:
    """A tool of that name is not offered."""
    raw.pages = {"": {"tools": [{"name": INSTRUCTIONS, "instructions": TEXT}]}}
    async with gateway(raw.system()) as upstreams:
        assert list(await upstreams.tools("desk")) == []
