"""An invitation is good once, for a day, whatever restarts lie in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from sallyport.flow.regain import DAY_US
from sallyport.model import JsonObject
from tests.console_client import window
from tests.integration.mcp.house_fixture import Kit, opened

pytestmark = pytest.mark.anyio
NEW = "nora"
SEE_OTHER, OUT = 303, 401


async def invited(kit: Kit) -> str:
    """Invite somebody who has no key; return the link's secret."""
    by = kit.signed("invite", {"name": NEW})
    return await kit.house.regain.invite(NEW, by=by)


async def entered(kit: Kit, secret: str) -> int:
    """Follow a link in a fresh browser; return what came of it."""
    return (await window(kit).get(f"/enter/{secret}")).status_code


async def enrolled(kit: Kit) -> None:
    """Enrol somebody without a key."""
    details: JsonObject = {"name": NEW, "roles": ["reviewer"], "public_key": ""}
    by = kit.signed("enrol", details)
    await kit.house.people.enrol(NEW, {"reviewer"}, "", by=by)


async def test_an_invitation_outlives_a_restart_and_its_use_does_too(tmp_path: Path) -> None:
    """It opens once, before or after; a later one ends an earlier one for good."""
    async with opened(tmp_path) as kit:
        await enrolled(kit)
        early, late = await invited(kit), await invited(kit)
    async with opened(tmp_path) as kit:
        assert await entered(kit, early) == OUT
        assert await entered(kit, late) == SEE_OTHER
        assert await entered(kit, late) == OUT
    async with opened(tmp_path) as kit:
        assert await entered(kit, late) == OUT
        assert await entered(kit, early) == OUT


async def test_an_invitation_ends_with_its_day(tmp_path: Path) -> None:
    """Time goes on while the gateway is down."""
    async with opened(tmp_path) as kit:
        await enrolled(kit)
        old = await invited(kit)
    async with opened(tmp_path) as kit:
        kit.clock.ahead_us += DAY_US
        assert await entered(kit, old) == OUT


async def test_an_invitation_ends_with_its_person(tmp_path: Path) -> None:
    """Whoever is out is out after a restart too."""
    async with opened(tmp_path) as kit:
        await enrolled(kit)
        ended = await invited(kit)
        await kit.house.sessions.end_all(NEW)
    async with opened(tmp_path) as kit:
        assert await entered(kit, ended) == OUT


async def test_a_short_link_and_a_session_end_with_the_process(tmp_path: Path) -> None:
    """They are asked for anew in a moment, and nothing that opens a session is written down."""
    async with opened(tmp_path) as kit:
        link = kit.house.sessions.link("lena")
        at = window(kit)
        session = await at.sign_in("lena")
    async with opened(tmp_path) as kit:
        assert await entered(kit, link) == OUT
        at = window(kit)
        at.http.cookies.set("__Host-sallyport", session)
        assert (await at.get("/people.json")).status_code == OUT
    raw = b"".join(path.read_bytes() for path in (tmp_path / ".sallyport").glob("sallyport.db*"))
    assert session.encode() not in raw
    assert link.encode() not in raw
