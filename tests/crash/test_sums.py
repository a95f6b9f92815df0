"""kill -9 at every step of a payment: the limit is never passed, and nothing is given back wrongly.

What is reserved is given back only where it is written down that nothing left.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from sallyport.model import SUM_DIGITS, ActionState, Call, Ending
from sallyport.rules.times import DAY_US
from tests.crash.autopsy import Found, counted, look
from tests.crash.conftest import Run
from tests.crash.upstream import Desk

pytestmark = pytest.mark.anyio

LIMIT = 100
AMOUNT = 7


async def _reserved(home: Path) -> int:
    """Return what is reserved of the limit, of today and of the day before."""
    today = time.time_ns() // 1000 // DAY_US
    days = [f"bookkeeping:day:{day}:sum:amount:EUR" for day in (today - 1, today)]
    euros: int = await counted(home, days) // 10**SUM_DIGITS
    return euros


def _never_left(call: Call) -> bool:
    refused = (call.ending, call.action) == (Ending.REFUSED, ActionState.FAILED)
    return call.action is None or refused


def _owed(found: Found) -> int:
    """Return what the calls add up to that left, or may have left."""
    amounts = [
        int(str(call.proposal.args["amount"]))
        for call in found.calls.values()
        if not _never_left(call)
    ]
    return sum(amounts)


@pytest.mark.parametrize("stopped", [False, True], ids=["that leaves", "that a stop keeps in"])
async def test_money_is_given_back_only_where_nothing_left(
    run: Run, home: Path, desk: Desk, stopped: bool
) -> None:
    """At each step of a payment; then whoever goes on reaches the limit and does not pass it."""
    more = {"amount": AMOUNT, **({"stop_before": "once.pay"} if stopped else {})}
    names = {f"whole-{stopped}"}
    whole = run("pay", id=f"whole-{stopped}", **more)
    for step in range(1, whole.what("steps") + 1):
        (home / ".sallyport" / "STOP").unlink(missing_ok=True)
        name = f"pay-{stopped}-{step}"
        names.add(name)
        assert run("pay", id=name, die_at_step=step, **more).killed
    (home / ".sallyport" / "STOP").unlink(missing_ok=True)
    run("open")

    found = await look(home)
    effects = [name for name in desk.ids("effect", "once.pay") if name in names]
    assert await _reserved(home) == _owed(found)
    assert len(effects) * AMOUNT <= _owed(found) <= LIMIT
    assert any(_never_left(call) for call in found.calls.values()) is stopped
    assert bool(effects) is not stopped
    await _to_the_limit(run, home)


async def _to_the_limit(run: Run, home: Path) -> None:
    """Pay 30 until that is refused, and then all that is left."""
    numbers = range(LIMIT // 30 + 1)
    told = [run("pay", id=f"more-{number}", amount=30).what("told") for number in numbers]
    left = LIMIT - await _reserved(home)
    last = run("pay", id="the rest", amount=left).what("told")

    assert told[-1]["why"][0] == "limit.sum"
    assert last["ending"] == "done"
    assert await _reserved(home) == LIMIT
