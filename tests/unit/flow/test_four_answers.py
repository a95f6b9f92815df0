"""The four answers through the flow: what leaves, what ends, what is told and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sallyport.errors import BadInputError, ConflictError, NotPermittedError, SignatureError
from sallyport.flow import rows
from sallyport.flow.inbox import Inbox
from sallyport.flow.inbox.answering import Taken
from sallyport.model import Approval, ApprovalState, Ending, Impact, JsonObject, Origin, Person
from sallyport.rules import approval as approvals
from sallyport.rules import approval_object, reasons, signed_answers, told
from sallyport.rules.answering import Kind, Said
from sallyport.rules.commands import Ended
from sallyport.rules.statements import Signed
from sallyport.rules.trace import Heard
from sallyport.simulate.surroundings import PlainVault
from tests.requirements import requirement
from tests.unit.flow.room import PEOPLE, Room

REFUND: JsonObject = {"ticket": "T1", "refund": 200}
CHANGED: JsonObject = {"ticket": "T1", "refund": 150}


def _asked(room: Room, args: JsonObject | None = None) -> Ended:
    asked = room.propose(room.task(), "tickets.update", args or REFUND)
    assert asked.approval is not None
    return asked


def _say(room: Room, ended: Ended, person: str, said: Said, key: str = "") -> Taken:
    """Sign and give an answer to the question that a call ended with."""
    assert ended.approval is not None
    at_us = room.clock.now_us()
    approval = room.run(room.inbox.approval(ended.approval.id))
    statement = approvals.said_by(approval, said, person=person, at_us=at_us)
    signature = room.keys.sign(key or f"key-of-{person}", statement)
    signed = Signed(person=person, at_us=at_us, signature=signature)
    return room.run(room.inbox.say(approval.id, said, signed))


def _edit(**changes: Any) -> Said:
    return Said(kind=Kind.EDIT, args={**REFUND, **changes}, because="the voucher covers it")


# --- Change: other values. ---


def test_an_edit_is_a_new_call_that_somebody_else_answers() -> None:
    """The first call ends unsent; the editor may not answer their own version, another may."""
    room = Room()
    asked = _asked(room)
    taken = _say(room, asked, "lea", _edit(refund=150))
    (first,) = room.follow()

    assert isinstance(first, Ended)
    assert (first.call.id, first.ending) == (asked.call.id, Ending.REFUSED)
    assert taken.approval.state is ApprovalState.CHANGED
    edited = taken.edited
    assert edited is not None
    assert edited.approval is not None
    assert (edited.call.proposal.origin, edited.call.proposal.by) == (Origin.EDIT, "lea")
    assert edited.call.proposal.parent == asked.call.id
    assert edited.approval.object["edit_of"] == asked.call.id
    assert edited.call.proposal.args == CHANGED
    with pytest.raises(NotPermittedError, match="changed themselves"):
        room.answer(edited, "lea", yes=True)
    assert "tickets.update" not in room.sent
    room.answer(edited, "lou", yes=True)
    room.follow()
    assert room.sent.count("tickets.update") == 1
    assert b"150" in room.upstreams.sent[-1].arguments


def test_an_owner_does_not_answer_for_their_agent_where_the_settings_say_so() -> None:
    """Everybody else who holds the role still may."""
    room = Room()
    room.inbox = Inbox(room.gateway, room.people.lone, room.spawned.append, owners_answer=False)
    asked = _asked(room)
    owner = room.gateway.registry.agents[asked.call.agent].owner
    assert owner == "lea"
    with pytest.raises(NotPermittedError, match="an agent that they own"):
        room.answer(asked, "lea", yes=True)
    room.answer(asked, "lou", yes=True)
    room.follow()
    assert room.sent.count("tickets.update") == 1


def test_an_edit_asks_even_where_the_agent_would_have_been_allowed() -> None:
    """A person's version is seen by a second person, whatever its values."""
    room = Room()
    taken = _say(room, _asked(room), "lea", _edit(refund=20))

    assert taken.edited is not None
    assert taken.edited.ending is Ending.WAITING
    codes = {floor.code for floor in taken.edited.floors}
    assert "edit.ask" in codes
    room.follow()


def test_an_edit_outside_the_boundary_is_refused_like_any_other() -> None:
    """Nobody widens anything by editing."""
    room = Room()
    taken = _say(room, _asked(room), "lea", _edit(refund=900))

    assert taken.edited is not None
    assert taken.edited.ending is Ending.REFUSED
    room.follow()
    assert "tickets.update" not in room.sent


def test_who_works_alone_answers_their_own_edit_and_it_says_so() -> None:
    """`team: one`: there is nobody else."""
    alone = Person(name="lea", roles=frozenset({"lead", "owner"}), public_key="key-of-lea")
    requester = next(one for one in PEOPLE if one.name == "rita")
    room = Room(people=(alone, replace(requester, public_key="")), team_of_one=True)
    edited = _say(room, _asked(room), "lea", _edit(refund=150)).edited
    assert edited is not None
    assert edited.approval is not None
    room.answer(edited, "lea", yes=True)
    room.follow()

    (given,) = room.run(room.inbox.approval(edited.approval.id)).answers
    assert given.confirmed_own
    assert room.sent.count("tickets.update") == 1


# --- Change: words. ---


def test_words_end_the_call_and_reach_the_agent_as_they_are() -> None:
    """Verbatim, and labelled as a person's."""
    room = Room()
    asked = _asked(room)
    words = "Ask Ada \u201cwhich lamp\u201d first.\nThen propose again."
    taken = _say(room, asked, "lea", Said(kind=Kind.WORDS, because=words))
    (ended,) = room.follow()

    assert isinstance(ended, Ended)
    assert taken.approval.state is ApprovalState.CHANGED
    text = told.text(ended)
    assert words in text
    assert "lea, a person who was asked" in text
    assert "tickets.update" not in room.sent


# --- Reject, pass on, quorum. ---


def test_a_rejection_has_a_reason_of_the_catalogue() -> None:
    """The agent is told the reason and the words; another code is no answer."""
    room = Room()
    asked = _asked(room)
    said = Said(kind=Kind.REJECT, code="wrong_value", because="it was 30")
    with pytest.raises(BadInputError):
        _say(room, asked, "lea", replace(said, code="because"))
    _say(room, asked, "lea", said)
    (ended,) = room.follow()

    assert isinstance(ended, Ended)
    assert "lea said no: a value is wrong; it was 30" in told.text(ended)


@pytest.mark.parametrize("kind", [Kind.ESCALATE, Kind.HAND_OVER, Kind.NOT_MINE])
def test_passing_on_is_recorded_and_gives_nobody_a_right(kind: Kind) -> None:
    """The question goes on waiting; whoever could answer still can, nobody else."""
    room = Room()
    asked = _asked(room)
    to = "lou" if kind is Kind.HAND_OVER else ""
    taken = _say(room, asked, "lea", Said(kind=kind, to=to, because="not my customer"))
    (one,) = taken.approval.passed

    assert (one.person, one.how, one.to) == ("lea", kind.value, to)
    assert taken.approval.state is ApprovalState.WAITING
    assert "approval.passed" in room.kinds()
    with pytest.raises(NotPermittedError):
        room.answer(asked, "rita", yes=True)
    room.answer(asked, "lea", yes=True)
    room.follow()
    assert room.sent.count("tickets.update") == 1


def test_a_question_is_not_handed_to_whoever_could_not_answer_it() -> None:
    """Not to the requester, and not to a role that is not asked."""
    room = Room()
    asked = _asked(room)
    for to in ("rita", "nobody", "staff"):
        with pytest.raises(NotPermittedError):
            _say(room, asked, "lea", Said(kind=Kind.HAND_OVER, to=to))


@requirement("A-53")
def test_one_yes_of_two_sends_nothing_and_the_second_person_must_be_another() -> None:
    """A filing asks two: one yes leaves it suspended, a second distinct person lets it run."""
    room = Room()
    boundary = room.gateway.registry.boundaries["support-v1"]
    rule = replace(
        boundary.workflow.tools["tickets.update"], touches=frozenset({Impact.REGULATORY})
    )
    tools = {**boundary.workflow.tools, "tickets.update": rule}
    filing = replace(boundary, workflow=replace(boundary.workflow, tools=tools))
    room.gateway.registry.boundaries["support-v1"] = filing
    room.gateway.registry.active["support"] = "support-v1"
    asked = room.propose(room.task(boundary="support-v1"), "tickets.update", {**REFUND})
    assert asked.approval is not None
    assert "impact.ask" in {floor.code for floor in asked.floors}
    assert asked.approval.question.how_many == 2
    room.answer(asked, "lea", yes=True)
    room.follow()
    assert "tickets.update" not in room.sent
    with pytest.raises(ConflictError):
        room.answer(asked, "lea", yes=True)
    room.answer(asked, "lou", yes=True)
    room.follow()
    assert room.sent.count("tickets.update") == 1


def _of_law(room: Room, impact: Impact, role: str) -> None:
    """Have *mail.send* touch something that asks a role of its own, and nothing else."""
    boundary = room.gateway.registry.boundaries["support-v0"]
    rule = boundary.workflow.tools["mail.send"]
    entries = tuple(replace(entry, who=(role,)) for entry in rule.ask)
    ruled = replace(rule, touches=frozenset({impact}), ask=entries)
    tools = {**boundary.workflow.tools, "mail.send": ruled}
    changed = replace(boundary, workflow=replace(boundary.workflow, tools=tools))
    room.gateway.registry.boundaries["support-v0"] = changed


@requirement("A-50")
def test_a_contract_matter_is_held_for_a_person_of_the_legal_role() -> None:
    """Nothing leaves without the yes; who leads and is no lawyer cannot give it."""
    counsel = Person(name="iris", roles=frozenset({"legal"}), public_key="key-of-iris")
    room = Room(people=[*PEOPLE, counsel])
    _of_law(room, Impact.LEGAL, "legal")
    asked = room.propose(room.task(), "mail.send", {"to": "x@example.com"})
    assert asked.ending is Ending.WAITING
    assert {"impact.ask"} <= {floor.code for floor in asked.floors}
    for other in ("lea", "lou", "sam"):
        with pytest.raises(NotPermittedError, match="asks legal"):
            room.answer(asked, other, yes=True)
    assert room.sent == []
    room.answer(asked, "iris", yes=True)
    room.follow()
    assert room.sent == ["mail.send"]


@pytest.mark.parametrize(
    "said",
    [Said(kind=Kind.REJECT, code="other"), Said(kind=Kind.WORDS, because="no"), _edit(refund=100)],
)
def test_the_first_answer_that_is_no_yes_ends_a_quorum(said: Said) -> None:
    """One yes was given before; it is worth nothing now."""
    room = Room()
    room.gateway.registry.active["support"] = "support-v1"
    asked = room.propose(room.task(boundary="support-v1"), "tickets.update", {**REFUND})
    room.answer(asked, "lea", yes=True)
    taken = _say(room, asked, "lou", said)
    room.follow()

    assert taken.approval.state in {ApprovalState.REJECTED, ApprovalState.CHANGED}
    assert "tickets.update" not in room.sent


@requirement("B-50")
def test_a_person_with_a_passkey_does_not_answer_with_a_key_in_a_file() -> None:
    """At *update*: the sentence says what to do, and nothing is recorded."""
    lea = next(one for one in PEOPLE if one.name == "lea")
    others = [one for one in PEOPLE if one.name != "lea"]
    room = Room(people=[*others, replace(lea, passkeys=("passkey-of-lea",))])
    asked = _asked(room)
    with pytest.raises(NotPermittedError, match="has a passkey") as refused:
        room.answer(asked, "lea", yes=True)
    with pytest.raises(SignatureError):
        _say(room, asked, "lea", Said(kind=Kind.APPROVE), key="a key of nobody")

    assert "in the console" in refused.value.fix
    assert "approval.answered" not in room.kinds()
    _say(room, asked, "lea", Said(kind=Kind.APPROVE), key="passkey-of-lea")
    room.follow()
    assert room.sent.count("tickets.update") == 1


# --- The ledger, and the database after somebody wrote to it. ---


@requirement("B-111")
def test_each_of_the_four_answers_is_kept_with_reason_and_signature() -> None:
    """Decision, what an edit changed, why, and a signature that verifies offline."""
    given = {
        Kind.APPROVE: Said(kind=Kind.APPROVE, because="seen"),
        Kind.EDIT: _edit(refund=150),
        Kind.REJECT: Said(kind=Kind.REJECT, code="not_now", because="tomorrow"),
        Kind.ESCALATE: Said(kind=Kind.ESCALATE, because="too much for me"),
    }
    for kind, said in given.items():
        room = Room()
        asked = _asked(room)
        _say(room, asked, "lea", said)
        kept = "approval.passed" if kind is Kind.ESCALATE else "approval.answered"
        (answered,) = room.heard(call=asked.call.id, kind=kept)
        assert answered.secret is not None
        assert answered.secret["because"] == said.because
        assert answered.body["person"] == "lea"
        if kind is Kind.EDIT:
            assert answered.body["arguments"] == ["refund"]
            assert answered.secret["args"] == said.args
        if kind is Kind.REJECT:
            assert answered.body["code"] == "not_now"
        question = room.heard(call=asked.call.id, kind="approval.asked")[0]
        assert _problem(room, answered, question) == ""
        room.follow()


def _problem(room: Room, answered: Heard, asked: Heard) -> str:
    keys = {"lea": frozenset({"key-of-lea"})}
    return signed_answers.problem(answered, asked, keys, room.keys.verify)


FORGED: Mapping[str, JsonObject] = {
    "person": {"person": "sam"},
    "yes": {"yes": False},
    "kind": {"kind": "words"},
    "code": {"code": "other"},
    "at_us": {"at_us": 1},
    "signature": {"signature": "00"},
    "because": {"because": "0" * 64},
    "key": {"key": "another"},
}


@pytest.mark.parametrize("name", FORGED)
def test_an_entry_that_says_something_else_than_was_signed_is_found(name: str) -> None:
    """Each word of an answer, changed after it was signed."""
    room = Room()
    asked = _asked(room)
    room.answer(asked, "lea", yes=True)
    (answered,) = room.heard(kind="approval.answered")
    question = room.heard(kind="approval.asked")[0]

    assert _problem(room, answered, question) == ""
    forged = replace(answered, body={**answered.body, **FORGED[name]})
    assert _problem(room, forged, question)
    other: JsonObject = {"object": {**(question.secret or {}), "v": 2}}
    assert "another question" in _problem(room, answered, replace(question, secret=other))
    strangers: dict[str, frozenset[str]] = {"lea": frozenset({"key-of-sam"})}
    assert signed_answers.problem(answered, question, strangers, room.keys.verify)
    room.follow()


FIELDS: Mapping[str, Any] = {
    "digest": {"digest": "0" * 64},
    "about": {"about": "0" * 64},
    "boundary": {"boundary": "support-v3"},
    "target": {"target": "0" * 64},
    "who": {"who": '["staff"]'},
    "how_many": {"how_many": 0},
    "expires_us": {"expires_us": 2**60},
    "call": {"call": "c_other"},
}


@requirement("B-89")
@pytest.mark.parametrize("name", FIELDS)
def test_a_question_that_was_changed_after_the_yes_lets_nothing_leave(name: str) -> None:
    """Somebody who can write to the database, and has no key, changes one column."""
    room = Room()
    asked = _asked(room)
    assert asked.approval is not None
    room.answer(asked, "lea", yes=True)
    room.store.plant("approvals", {**_row(room, asked.approval), **FIELDS[name]})
    room.follow()

    assert "tickets.update" not in room.sent


def _object_changes() -> dict[str, JsonObject]:
    """Return one other value for every part of the object."""
    action = ("tool", "pin", "system", "environment", "level", "args", "meta", "target", "before")
    parts = ("requester", "agent", "instance", "task", "workflow", "boundary", "findings")
    rest = ("cost", "reversibility", "edit_of", "approval", "nonce", "expires_us", "again", "v")
    return {
        **{f"action.{name}": {"action": {name: "else"}} for name in action},
        **{name: {name: "else"} for name in (*parts, *rest)},
    }


@requirement("B-89")
@pytest.mark.parametrize("name", _object_changes())
@pytest.mark.parametrize("with_digest", [False, True])
def test_the_tampering_matrix(name: str, *, with_digest: bool) -> None:
    """Each part of the object, changed after signing, alone or with its digest: nothing leaves.

    The question comes back to the inbox, or the call is refused; the reason stands in the ledger.
    """
    room = Room()
    asked = _asked(room)
    assert asked.approval is not None
    room.answer(asked, "lea", yes=True)
    kept = room.run(room.inbox.approval(asked.approval.id))
    change = _object_changes()[name]
    inner = change.get("action")
    made: JsonObject = {**kept.object, **change}
    if isinstance(inner, dict):
        action = kept.object["action"]
        assert isinstance(action, dict)
        made = {**kept.object, "action": {**action, **inner}}
    about = approval_object.digest(made) if with_digest else kept.about
    forged = replace(kept, object=made, about=about)
    room.store.plant("approvals", dict(rows.approval_row(forged, PlainVault())))
    (ended,) = room.follow()

    assert isinstance(ended, Ended)
    assert "tickets.update" not in room.sent
    assert ended.ending in {Ending.WAITING, Ending.REFUSED}
    assert ended.call.approval_id != asked.approval.id


def _row(room: Room, approval: Approval) -> dict[str, Any]:
    (row,) = room.run(room.gateway.outside.store.rows("approvals", {"id": approval.id}))
    return dict(row)


def test_what_came_back_says_what_changed() -> None:
    """The record changed between question and answer: asked anew, in words."""
    room = Room()
    asked = _asked(room)
    assert asked.approval is not None
    room.answer(asked, "lea", yes=True)
    room.gateway.registry.active["support"] = "support-v3"
    (ended,) = room.follow()

    assert isinstance(ended, Ended)
    assert "tickets.update" not in room.sent
    if ended.approval is not None:
        changed = approval_object.came_back(ended.approval.object)
        assert "a new version of the boundary is in force" in changed
    assert reasons.say(reasons.ask("edit.ask", person="lea")).startswith("lea changed it")
