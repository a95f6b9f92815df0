"""What a person makes of a call is proposed, even if the gateway ends right after they signed."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, cast

import pytest

from sallyport.flow.recovery import recover
from sallyport.model import Ending, JsonObject, Origin, Proposal
from sallyport.ports import Row
from sallyport.rules import approval as approvals
from sallyport.rules.answering import Kind, Said
from sallyport.rules.statements import Signed
from tests.unit.flow.room import Room

REFUND: JsonObject = {"ticket": "T1", "refund": 200}
CHANGED: JsonObject = {"ticket": "T1", "refund": 150}


class _KilledError(Exception):
    """The gateway ends here."""


def _killed_after_the_signature() -> Room:
    room = Room()
    asked = room.propose(room.task(), "tickets.update", REFUND)
    assert asked.approval is not None

    async def killed(_: Proposal) -> Any:
        raise _KilledError

    room.gateway.propose = killed  # type: ignore[method-assign, assignment]
    said = Said(kind=Kind.EDIT, args=CHANGED, because="the voucher covers it")
    at_us = room.clock.now_us()
    statement = approvals.said_by(asked.approval, said, person="lea", at_us=at_us)
    signed = Signed(person="lea", at_us=at_us, signature=room.keys.sign("key-of-lea", statement))
    with pytest.raises(_KilledError):
        room.run(room.inbox.say(asked.approval.id, said, signed))
    for one in room.spawned:
        cast("Coroutine[Any, Any, Any]", one).close()
    room.spawned.clear()
    room.start()
    return room


def _calls(room: Room) -> list[Row]:
    rows = room.store.committed_rows("calls")
    return [dict(row) for row in rows if row["tool"] == "tickets.update"]


def test_an_edit_is_proposed_by_the_next_gateway_and_only_once() -> None:
    """In its editor's name, with what they signed; it waits for somebody else."""
    room = _killed_after_the_signature()
    for _ in range(3):
        room.run(recover(room.gateway))
        room.start()
    first, second = _calls(room)
    edited = room.run(room.inbox.call(str(second["id"])))

    assert first["ending"] == Ending.REFUSED.value
    assert second["ending"] == Ending.WAITING.value
    assert edited.proposal.args == CHANGED
    assert (edited.proposal.origin, edited.proposal.by) == (Origin.EDIT, "lea")
    assert edited.proposal.parent == first["id"]
    assert "tickets.update" not in room.sent


def _has_left(room: Room) -> None:
    people = room.gateway.registry.people
    people["lea"] = replace(people["lea"], active=False)


def _has_another_key(room: Room) -> None:
    people = room.gateway.registry.people
    people["lea"] = replace(people["lea"], public_key="another-key")


def _is_gone(room: Room) -> None:
    del room.gateway.registry.people["lea"]


@pytest.mark.parametrize("changed", [_has_left, _has_another_key, _is_gone])
def test_what_its_editor_does_not_stand_for_now_is_not_proposed(
    changed: Callable[[Room], None],
) -> None:
    """Whoever has left, or signed with a key that counts no more, proposes nothing."""
    room = _killed_after_the_signature()
    changed(room)
    room.run(recover(room.gateway))

    assert [call["ending"] for call in _calls(room)] == [Ending.REFUSED.value]
