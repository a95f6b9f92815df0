"""There is one way out, by the import contract and by what the running gateway really opens."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest

from sallyport.demo.launch import running_desk
from tests.requirements import requirement

CHILD = Path(__file__).with_name("audited_gateway.py")
DOOR = "sallyport.adapters.mcp"
PROVER = "sallyport.adapters.prover"


@requirement("B-04")
@pytest.mark.anyio
async def test_every_connection_is_opened_by_the_one_module_that_may(tmp_path: Path) -> None:
    """Python's own audit events name each connect and each process; all come from the way out.

    The static half, that no other module may import what could connect, is
    `tests/house/test_floors.py`.
    """
    credential = "a-credential-of-the-desk"
    with anyio.fail_after(60):
        async with running_desk(tmp_path / "desk.db", credential) as desk:
            command = [sys.executable, str(CHILD), str(tmp_path / "home"), desk.url, credential]
            ran = await anyio.run_process(command)
            port = urlsplit(desk.url).port

    told = json.loads(ran.stdout)
    assert set(told["endings"]) == {"done", "draft", "refused"}
    connects = [one for one in told["seen"] if one["event"] == "socket.connect"]
    assert connects, "the audit hook saw nothing"
    for one in told["seen"]:
        if _proves(one):
            continue
        assert any(module.startswith(DOOR) for module in one["stack"]), one
        assert str(port) in one["where"], one


def _proves(one: dict[str, Any]) -> bool:
    """Return whether this is the solver's own process: it gets texts, and no address."""
    by_prover = any(module.startswith(PROVER) for module in one["stack"])
    return by_prover and one["event"] != "socket.connect"
