"""The clear part of the ledger repeats nothing that anybody said."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import (
    ActionState,
    Call,
    Decision,
    Draft,
    DraftState,
    Ending,
    JsonObject,
    Level,
    Limit,
    Origin,
    Verdict,
)
from sallyport.ports import Append
from sallyport.rules import canonical, commands, reasons
from sallyport.rules.checks.limits import Reservation
from sallyport.rules.commands import (
    Asked,
    Concluded,
    Decided,
    DecidedAgain,
    Event,
    Influenced,
    Intended,
    Stored,
)
from sallyport.rules.context import Context, call_digest
from tests.unit.flow.room import Room
from tests.unit.rules import worlds

CANARY = "canary-7f3a"
PROPOSAL = worlds.PROPOSAL
EVIDENCE = Room().gateway.evidence

secrets = st.text(alphabet="xyz", min_size=1, max_size=6).map(lambda text: f"{CANARY}-{text}")
bodies: st.SearchStrategy[Any] = st.recursive(
    st.dictionaries(st.sampled_from(("a", "b")), secrets, min_size=1),
    lambda inner: st.dictionaries(st.sampled_from(("a", "b")), inner, min_size=1),
    max_leaves=3,
)


def _context(args: JsonObject, secret: str) -> Context:
    seen = worlds.context(
        proposal=replace(worlds.PROPOSAL, args={"on": args}, meta={"trace": secret}),
        task=replace(worlds.TASK, inputs={"ticket": secret}, words=secret),
        facts={"state": secret},
        switches=(replace(worlds.switch(Verdict.ASK), because=secret),),
    )
    return worlds.approved(seen)


def _call(seen: Context) -> Call:
    return Call(
        id="c1",
        proposal=seen.proposal,
        agent="helper",
        instance="run-1",
        workflow="support",
        requester="rita",
        system="desk",
        level=Level.UPDATE,
        digest=call_digest(seen),
        boundary="v1",
        ending=Ending.DONE,
        proposed_us=1,
        action=ActionState.DONE,
    )


def _events(args: JsonObject, result: JsonObject, secret: str) -> list[Event]:
    """Return one event of each kind, with something secret in every place that can hold it."""
    seen = _context(args, secret)
    call = _call(seen)
    floor = reasons.refuse("boundary.only", detail=secret)
    decision = Decision(verdict=Verdict.REFUSE, floors=(floor,))
    limit = Reservation("task:t1:call", 3, Limit(name="calls", at_most=3, per="task"))
    draft = Draft(
        id="d1", call_id="c1", task_id="t1", tool="t", state=DraftState.STORED, stored_us=1
    )
    approval = worlds.question(seen)
    return [
        Decided(call=call, decision=decision, context=seen),
        DecidedAgain(call=call, decision=decision, context=seen),
        Asked(approval=approval, again="a0"),
        Stored(draft=draft),
        Intended(call=call, reservations=(limit,), approval=approval, image=result),
        Concluded(call=call, result=result, why=(floor,), given_back=(limit,)),
        Concluded(call=call, error={"code": 1, "message": secret, "data": result}),
        Influenced(agent="helper", instance="run-1", source="kb.search"),
    ]


def _written(event: Event, *, listening: bool) -> Append:
    return EVIDENCE.of([event], listening=listening).done()


def test_every_kind_of_event_is_here() -> None:
    """One that is added tomorrow is looked at tomorrow."""
    named = set(str(vars(commands)["Event"]).split(" | "))

    assert named == {type(event).__name__ for event in _events({}, {}, "x")}


@given(args=bodies, result=bodies, secret=secrets, listening=st.booleans())
def test_no_value_result_or_sentence_stands_in_clear(
    args: JsonObject, result: JsonObject, secret: str, listening: bool
) -> None:
    """Bodies and search columns of every event, with canaries in all that was said."""
    for event in _events(args, result, secret):
        for record in _written(event, listening=listening).records:
            assert CANARY not in canonical.text(record.body), type(event)
            assert CANARY not in "".join(record.index.values()), type(event)
            assert CANARY not in record.kind


@given(args=bodies, result=bodies, secret=secrets, listening=st.booleans())
def test_what_was_said_stands_in_rows_only_sealed(
    args: JsonObject, result: JsonObject, secret: str, listening: bool
) -> None:
    """No text column of any row repeats it; what is sealed is bytes."""
    for event in _events(args, result, secret):
        for change in _written(event, listening=listening).changes:
            for name, value in getattr(change, "row", {}).items():
                assert CANARY not in str(value) or isinstance(value, bytes), (type(event), name)


@given(args=bodies, secret=secrets)
def test_what_was_said_is_sealed_and_committed_to(args: JsonObject, secret: str) -> None:
    """The sealed part of a decision has arguments, snapshot and sentences, under its commitment."""
    (record,) = _written(_events(args, {}, secret)[0], listening=True).records
    assert record.payload is not None
    plain = record.payload.sealed.partition(b"\0")[2].decode()

    assert canonical.text(args) in plain
    assert secret in plain
    assert record.payload.sealed.startswith(f"payloads/{record.payload.commit}\0".encode())


def test_the_same_secret_has_another_commitment_each_time() -> None:
    """Salted: equal values cannot be told from the clear part."""
    event = _events({"a": "1"}, {}, "s")[0]
    first, second = (EVIDENCE.of([event], listening=True).done().records[0] for _ in range(2))
    assert first.payload is not None
    assert second.payload is not None

    assert first.payload.commit != second.payload.commit


def test_every_event_changes_a_row_and_writes_an_entry() -> None:
    """In the same append."""
    for event in _events({}, {}, "s"):
        append = _written(event, listening=True)

        assert append.records, type(event)
        assert append.changes or isinstance(event, DecidedAgain), type(event)


def test_no_entry_is_dated_before_the_last_one() -> None:
    """Whatever the clock says."""
    room = Room()
    times: list[int] = []
    for jump in (0, 10**9, -(10**12), 5, -5):
        room.clock.jump(jump)
        times.append(room.gateway.evidence.now_us())

    assert times == sorted(times)
    room.propose(room.task(), "kb.search", {"q": "how"})
    room.clock.jump(-(10**12))
    room.start()
    assert room.gateway.evidence.now_us() >= times[-1]


@pytest.mark.parametrize("origin", Origin)
def test_a_result_is_kept_for_an_asker_who_left(origin: Origin) -> None:
    """And not kept a moment longer than it takes to hand it over."""
    event = _events({}, {"a": "1"}, "s")[5]
    assert isinstance(event, Concluded)
    event = replace(event, call=replace(event.call, proposal=replace(PROPOSAL, origin=origin)))
    kept = {
        listening: any(
            "result" in getattr(change, "row", {})
            for change in _written(event, listening=listening).changes
        )
        for listening in (True, False)
    }

    assert kept == {True: False, False: origin is not Origin.GATEWAY}


def test_a_context_gives_its_digest_from_every_part() -> None:
    """A field that is added to the snapshot tomorrow is part of it, or stands here."""
    elsewhere = {"proposal", "earlier", "fresh", "cool_off"}
    names = {field.name for field in fields(Context)} - elsewhere
    renamed = {"stop_scopes": "stop_file"}

    assert {renamed.get(name, name) for name in names} <= set(worlds.context().as_json())
