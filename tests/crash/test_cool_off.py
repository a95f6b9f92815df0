"""kill -9 while a yes can be taken back: it is neither forgotten, nor shortened, nor doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from sallyport.rules.times import SECOND_US
from tests.crash import bookkeeping
from tests.crash.autopsy import Found, look
from tests.crash.conftest import Run
from tests.crash.upstream import Desk

pytestmark = pytest.mark.anyio
TOOL = "once.sent"


def _at(found: Found, kind: str) -> int:
    (at_us,) = (int(one["at_us"]) for one in found.entries.values() if one["kind"] == kind)
    return at_us


async def test_a_yes_that_waits_outlives_the_gateway_and_acts_once_when_it_is_due(
    run: Run, home: Path, desk: Desk
) -> None:
    """Shot right after the yes: the next gateway sends it, once, and not a moment too early."""
    first = run("cool", tool=TOOL, id="cooled")
    assert first.killed
    found = await look(home)
    assert (found.state("cooled"), desk.ids("received").count("cooled")) == ("", 0)
    assert found.approvals[found.calls["cooled"].id] == "approved"

    second = run("wait")
    assert (second.what("cooling"), second.what("carried_on")) == (1, 0)
    run("open")
    found = await look(home)
    assert found.state("cooled") == "done"
    assert desk.ids("effect").count("cooled") == 1
    waited = _at(found, "call.intended") - _at(found, "approval.answered")
    assert waited >= bookkeeping.COOL_S * SECOND_US
    assert found.intact


async def test_one_that_was_taken_back_stays_so_after_any_number_of_deaths(
    run: Run, home: Path, desk: Desk
) -> None:
    """Shot after the yes, and again the moment it was taken back: nothing is ever sent."""
    assert run("cool", tool=TOOL, id="taken-back").killed
    assert run("undo").killed
    last = run("wait")
    run("open")

    found = await look(home)
    assert last.what("cooling") == 0
    assert found.approvals[found.calls["taken-back"].id] == "undone"
    assert found.calls["taken-back"].ending == "refused"
    assert desk.ids("received").count("taken-back") == 0
    assert found.intact
