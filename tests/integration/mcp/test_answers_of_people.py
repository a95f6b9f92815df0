"""What the agent's side hears of each answer, word by word, through the official SDK's client."""

from __future__ import annotations

import anyio
import pytest

from sallyport.rules import approval as approvals
from sallyport.rules.answering import Kind, Said
from sallyport.rules.statements import Signed
from tests.integration.mcp.house_fixture import LENA, Kit
from tests.integration.mcp.test_sdk_client import client_of, ruling, settled, text

pytestmark = pytest.mark.anyio

MAIL = {"to": "ada@brandt-bakery.example", "template": "ack"}
WORDS = "Ask Ada which lamp she means.\n<b>Then</b> propose it again."
TOLD = {
    Kind.REJECT: (
        "REFUSED. `mail.send` was not done.\n"
        "Why: lena said no: it is the wrong time for it; after the holidays.\n"
        "Repeating it changes nothing. If it is needed, tell the person you work for."
    ),
    Kind.WORDS: (
        "NOT DONE. lena, a person who was asked about `mail.send`, wrote this to you, "
        f"word for word:\n\u201c{WORDS}\u201d\n"
        "Nothing has happened. You may propose it once more, changed as they say; it is decided "
        "anew. Repeating it unchanged changes nothing."
    ),
    Kind.EDIT: (
        "NOT DONE AS YOU PROPOSED IT. lena, a person who was asked about `mail.send`, changed "
        "template and proposed that in its place.\n"
        "They wrote, word for word: \u201cshe waits since Monday\u201d\n"
        "People decide on what they proposed. Do not propose yours again, and do not try another "
        "tool for this; say that a person changed it."
    ),
}
SAID = {
    Kind.REJECT: Said(kind=Kind.REJECT, code="not_now", because="after the holidays"),
    Kind.WORDS: Said(kind=Kind.WORDS, because=WORDS),
    Kind.EDIT: Said(
        kind=Kind.EDIT, args={**MAIL, "template": "answer"}, because="she waits since Monday"
    ),
    Kind.ESCALATE: Said(kind=Kind.ESCALATE, because="not mine to say"),
}


async def _say(kit: Kit, said: Said) -> None:
    approval = (await kit.question()).approval
    assert approval is not None
    at_us = kit.clock.now_us()
    statement = approvals.said_by(approval, said, person=LENA, at_us=at_us)
    signed = Signed(person=LENA, at_us=at_us, signature=kit.key.sign(statement))
    await kit.house.inbox.say(approval.id, said, signed)


@pytest.mark.parametrize("hold_s", [0])
@pytest.mark.parametrize("kind", TOLD)
async def test_the_agent_is_told_of_each_answer_word_by_word(kit: Kit, kind: Kind) -> None:
    """It repeats its call once, as it was told to, and reads what a person said."""
    token = await kit.task_token()
    with anyio.fail_after(30):
        async with client_of(kit, token) as client:
            held = await client.call_tool("mail.send", MAIL)
            await _say(kit, SAID[kind])
            await settled(kit, ruling(held)["id"])
            told = await client.call_tool("mail.send", MAIL)

    assert text(told) == TOLD[kind]
    assert ruling(told)["id"] == ruling(held)["id"]
    assert ruling(told)["ending"] == "refused"


@pytest.mark.parametrize("hold_s", [0])
async def test_a_question_that_was_passed_on_is_still_held(kit: Kit) -> None:
    """The agent hears nothing new: it waits."""
    with anyio.fail_after(30):
        async with client_of(kit, await kit.task_token()) as client:
            held = await client.call_tool("mail.send", MAIL)
            await _say(kit, SAID[Kind.ESCALATE])
            again = await client.call_tool("mail.send", MAIL)

    assert text(again).startswith("HELD, NOT DONE.")
    assert ruling(again)["id"] == ruling(held)["id"]
