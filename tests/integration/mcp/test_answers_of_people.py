"""What the agent's side hears of each answer, word by word, through the official SDK's client.

It stands in `golden/answers.md`, a section for each answer; `make said` writes it anew.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import anyio
import pytest

from sallyport.model import CoolOff, Json
from sallyport.rules import approval as approvals
from sallyport.rules import confirming
from sallyport.rules.answering import Kind, Said
from sallyport.rules.statements import Signed
from sallyport.rules.times import DAY_US, SECOND_US
from tests.integration.mcp.house_fixture import LENA, Kit
from tests.integration.mcp.test_sdk_client import client_of, ruling, settled, text
from tests.sentences import WRITE

pytestmark = pytest.mark.anyio

DAY_S: Final = DAY_US // SECOND_US
GOLDEN: Final = Path(__file__).parent / "golden" / "answers.md"
MAIL: Final[dict[str, Json]] = {"to": "ada@brandt-bakery.example", "template": "ack"}
CHANGING: Final = re.compile(r"\b[ac][-_][0-9a-z]{6,}|[0-9]{4}-[0-9-]+ [0-9:]+ UTC")
"""Ids and times."""

WORDS = "Ask Ada which lamp she means.\n<b>Then</b> propose it again."


async def say(kit: Kit, said: Said) -> str:
    """Say something about the question that waits, as lena; return the question's id."""
    approval = (await kit.question()).approval
    assert approval is not None
    at_us = kit.clock.now_us()
    if said.yes:
        said = replace(said, typed=confirming.value(approval))
    statement = approvals.said_by(approval, said, person=LENA, at_us=at_us)
    signed = Signed(person=LENA, at_us=at_us, signature=kit.key.sign(statement))
    await kit.house.inbox.say(approval.id, said, signed)
    return approval.id


def one(said: Said) -> Callable[[Kit], Awaitable[object]]:
    """Return what gives one answer."""
    return lambda kit: say(kit, said)


async def nobody(kit: Kit) -> None:
    """Let the question's time pass."""
    await kit.question()
    kit.clock.ahead_us += DAY_US
    await kit.house.inbox.expire()


async def undone(kit: Kit) -> None:
    """Say yes to what leaves the house, and take it back in time."""
    approval_id = await say(kit, Said(kind=Kind.APPROVE))
    await kit.house.inbox.undo(approval_id, person=LENA, because="the wrong Ada")


@dataclass(frozen=True)
class Case:
    """An answer; `over` says whether the call has ended then, `cool_off_s` how long a yes waits."""

    given: Callable[[Kit], Awaitable[object]]
    over: bool = True
    cool_off_s: int = 0


CASES: Final = {
    "approve": Case(one(Said(kind=Kind.APPROVE, because="she waits"))),
    "approve, and it can still be taken back": Case(
        one(Said(kind=Kind.APPROVE)), over=False, cool_off_s=30
    ),
    "approve, then undo": Case(undone, cool_off_s=30),
    "change: other values": Case(
        one(Said(kind=Kind.EDIT, args={**MAIL, "template": "answer"}, because="since Monday"))
    ),
    "change: other values, without a word": Case(
        one(Said(kind=Kind.EDIT, args={**MAIL, "template": "answer"}))
    ),
    "change: words": Case(one(Said(kind=Kind.WORDS, because=WORDS))),
    "reject": Case(one(Said(kind=Kind.REJECT, code="not_now", because="after the holidays"))),
    "reject, without a word": Case(one(Said(kind=Kind.REJECT, code="not_wanted"))),
    "pass on: escalate": Case(one(Said(kind=Kind.ESCALATE, because="not mine to say")), over=False),
    "pass on: hand over": Case(one(Said(kind=Kind.HAND_OVER, to="support_lead")), over=False),
    "pass on: not mine": Case(one(Said(kind=Kind.NOT_MINE)), over=False),
    "nobody answers in time": Case(nobody),
}


@pytest.mark.parametrize("hold_s", [0])
@pytest.mark.parametrize("name", CASES)
async def test_the_agent_is_told_of_each_answer_word_by_word(kit: Kit, name: str) -> None:
    """It repeats its call once, as it was told to, and reads what a person said."""
    case, token = CASES[name], await kit.task_token(lasts_s=2 * DAY_S)
    kit.house.gateway.cool_off = CoolOff(usual_s=case.cool_off_s, money_s=0)
    with anyio.fail_after(30):
        async with client_of(kit, token) as client:
            held = await client.call_tool("mail.send", MAIL)
            await case.given(kit)
            if case.over:
                await settled(kit, ruling(held)["id"])
            told = await client.call_tool("mail.send", MAIL)

    assert ruling(told)["id"] == ruling(held)["id"]
    assert (ruling(told)["ending"] == "waiting") is not case.over
    compare(name, CHANGING.sub("...", text(told)))


def compare(name: str, said: str) -> None:
    """Compare what was said with its section of the golden file."""
    sections = kept()
    if WRITE:
        sections[name] = said
        ordered = [f"## {one}\n\n{sections[one]}\n" for one in CASES if one in sections]
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text("\n".join(ordered), encoding="utf-8")
    assert sections.get(name) == said, "read what changed, then `make said`"


def kept() -> dict[str, str]:
    """Return the sections of the golden file by name."""
    if not GOLDEN.exists():
        return {}
    parts = GOLDEN.read_text(encoding="utf-8").removeprefix("## ").split("\n\n## ")
    found = (part.split("\n\n", 1) for part in parts)
    return {name: said.removesuffix("\n") for name, said in found}


def test_the_golden_file_has_a_section_for_each_answer() -> None:
    """None too many, none missing."""
    assert list(kept()) == list(CASES)
