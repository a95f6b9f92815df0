"""The lists of published servers are what those servers list, where they are installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from sallyport.model import Json
from tests.gallery.shelf import PACKAGE
from tests.integration.real import servers

WITHIN_S = 60
LEFT_OUT = {"description", "title", "$schema"}


def bare(schema: Json, *, named: bool = False) -> Json:
    """Return a schema without what is said for eyes only; under `properties` all names count."""
    if isinstance(schema, list):
        return [bare(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        word: bare(one, named=word == "properties")
        for word, one in schema.items()
        if named or word not in LEFT_OUT
    }


async def offered(command: tuple[str, ...]) -> dict[str, Any]:
    """Start a server and return its tools by name: arguments and hints."""
    program, *words = command
    with anyio.fail_after(WITHIN_S):
        async with Client(stdio_client(StdioServerParameters(command=program, args=words))) as it:
            listed = (await it.list_tools()).tools
    tools = [one.model_dump(mode="json", by_alias=True, exclude_none=True) for one in listed]
    return {one["name"]: (bare(one["inputSchema"]), bare(one["annotations"])) for one in tools}


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["filesystem", "git"])
async def test_a_published_servers_list_is_the_one_it_gives(name: str, tmp_path: Path) -> None:
    """Names, schemas and hints of the pinned package, letter by letter; descriptions are ours."""
    text = (PACKAGE / "gallery" / name / "tools" / f"{name}.json").read_text(encoding="utf-8")
    kept = {
        one["name"]: (one["inputSchema"], one["annotations"]) for one in json.loads(text)["tools"]
    }
    command = servers.filesystem(tmp_path) if name == "filesystem" else servers.git()
    assert await offered(command) == kept
