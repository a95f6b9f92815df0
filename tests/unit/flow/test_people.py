"""People: who enrols whom, and which signatures count."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from sallyport.adapters.keys import PersonalSignatures, PersonKey, passkeys
from sallyport.errors import (
    BadInputError,
    ConflictError,
    NotFoundError,
    NotPermittedError,
    SignatureError,
)
from sallyport.model import JsonObject, Person, Stage
from sallyport.rules.statements import GOOD_FOR_US, Signed, statement
from tests.authenticator import Authenticator, taken_apart
from tests.requirements import requirement
from tests.unit.flow.room import BOSS, Room

SAM: JsonObject = {"name": "new", "roles": ["reviewer"], "public_key": "key-of-new"}
ALL_ZERO = "00" * 32


def _enrol(room: Room, by: Signed | None, name: str = "new") -> Person:
    return room.run(room.people.enrol(name, ["reviewer"], "key-of-new", by=by))


def test_the_first_person_enrols_by_being_there() -> None:
    """Nobody could sign for them; the entry says how it came about."""
    room = Room(people=())
    room.run(room.people.enrol("boss", ["administrator"], "key-of-boss", by=None))

    assert room.heard(kind="person.kept")[0].body["by"] == "local presence"
    assert room.gateway.registry.people["boss"].roles == {"administrator"}


def test_after_the_first_an_administrator_signs() -> None:
    """Local presence alone adds nobody any more, and raises nobody's roles."""
    room = Room(people=(BOSS,))
    for name in ("new", "boss"):
        with pytest.raises(NotPermittedError, match="enrolled already"):
            _enrol(room, None, name)
    person = _enrol(room, room.signed("enrol", SAM))

    assert room.gateway.registry.people["new"] == person
    assert room.heard(kind="person.kept")[0].body["by"] == "boss"


def test_who_was_enrolled_is_there_after_a_restart() -> None:
    """With roles and key, and a change of authority made earlier decisions too old."""
    room = Room(people=(BOSS,))
    epoch = room.gateway.fences.epoch
    person = _enrol(room, room.signed("enrol", SAM))
    assert room.gateway.fences.closed_for(("everything",), epoch)
    room.start()

    assert room.gateway.registry.people["new"] == person


@pytest.mark.parametrize("signer", ["lea", "sam", "pat"])
def test_only_an_administrator_enrols(signer: str) -> None:
    """Owners and reviewers do not."""
    room = Room()

    with pytest.raises(NotPermittedError, match="may not enrol"):
        _enrol(room, room.signed("enrol", SAM, signer))


@pytest.mark.parametrize("signer", ["kim", "nobody"])
def test_who_has_no_key_signs_nothing(signer: str) -> None:
    """Known or not."""
    room = Room()

    with pytest.raises(NotPermittedError, match="is not enrolled"):
        _enrol(room, room.signed("enrol", SAM, signer))


@pytest.mark.parametrize(
    "details",
    [
        {**SAM, "roles": ["administrator"]},
        {**SAM, "public_key": "key-of-eve"},
        {**SAM, "name": "eve"},
    ],
    ids=["roles", "key", "name"],
)
def test_a_signature_is_over_exactly_what_is_done(details: JsonObject) -> None:
    """Another role, key or name than was signed: not signed."""
    room = Room()

    with pytest.raises(SignatureError):
        _enrol(room, room.signed("enrol", details))
    assert "new" not in room.gateway.registry.people


def test_a_name_in_other_capitals_is_nobody_new() -> None:
    """Else one person would count as two wherever two must sign."""
    room = Room(people=(BOSS,))
    details: JsonObject = {**SAM, "name": "Boss"}

    with pytest.raises(ConflictError, match="other capitals"):
        _enrol(room, room.signed("enrol", details), "Boss")


def test_a_signature_is_for_one_verb() -> None:
    """What was signed to resume does not enrol."""
    room = Room()

    with pytest.raises(SignatureError):
        _enrol(room, room.signed("resume", SAM))


def test_a_signature_counts_once() -> None:
    """Whoever saw it go by cannot use it again."""
    room = Room()
    signed = room.signed("enrol", SAM)
    _enrol(room, signed)

    with pytest.raises(SignatureError, match="used before"):
        _enrol(room, signed)


@pytest.mark.parametrize("ago_us", [GOOD_FOR_US, 10 * GOOD_FOR_US, -GOOD_FOR_US])
def test_a_signature_is_fresh_or_does_not_count(ago_us: int) -> None:
    """Five minutes old, or from five minutes ahead, is too much."""
    room = Room()

    with pytest.raises(SignatureError, match="just now"):
        _enrol(room, room.signed("enrol", SAM, ago_us=ago_us))


def test_a_used_signature_is_remembered_for_as_long_as_it_is_fresh() -> None:
    """Also one that was dated ahead; and refused ones are not what fills the memory."""
    room = Room()
    signed = room.signed("enrol", SAM, ago_us=1 - GOOD_FOR_US)
    _enrol(room, signed)
    for _ in range(19):
        room.clock.jump(GOOD_FOR_US // 10)
        with pytest.raises(SignatureError):
            _enrol(room, signed)


def test_somebody_who_was_switched_off_signs_nothing_more() -> None:
    """From that moment on."""
    room = Room()
    room.run(room.people.deactivate("lea", by=room.signed("deactivate", {"name": "lea"})))

    with pytest.raises(NotPermittedError):
        room.people.verify("resume", {}, room.signed("resume", {}, "lea"))
    assert room.gateway.registry.people["lea"].active is False


def test_whoever_is_being_switched_off_cannot_keep_themselves_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What they write at the same moment was read before, and would have them active."""
    room = Room()
    by = room.signed("deactivate", {"name": "lea"})
    append = room.store.append

    async def meanwhile(*entry: Any) -> Any:
        monkeypatch.setattr(room.store, "append", append)
        room.run(room.people.deactivate("lea", by=by))
        return await append(*entry)

    monkeypatch.setattr(room.store, "append", meanwhile)
    with pytest.raises(ConflictError, match="meanwhile"):
        room.run(room.people.add_passkey("lea", "key-of-lea-too", by="a session"))
    assert room.gateway.registry.people["lea"].active is False
    room.start()
    assert room.gateway.registry.people["lea"].active is False


def test_switching_off_somebody_unknown_says_so() -> None:
    """After the signature was checked."""
    room = Room()

    with pytest.raises(NotFoundError):
        room.run(room.people.deactivate("eve", by=room.signed("deactivate", {"name": "eve"})))


@pytest.mark.parametrize("name", ["", "-x", "a b", "a\n", "x" * 81, "../x", "ä"])
def test_a_name_is_plain(name: str) -> None:
    """It stands in scopes, logs and files."""
    room = Room()

    with pytest.raises(BadInputError):
        room.run(room.people.enrol(name, [], "", by=None))
    with pytest.raises(BadInputError):
        room.run(
            room.people.add_agent(name, owner="lea", purpose="be tested", contact="lea", by="boss")
        )


@pytest.mark.parametrize(
    "key", [ALL_ZERO, "01" + "00" * 31, "ff" * 32, "no key", "AB" * 32], ids=lambda key: key[:4]
)
def test_a_weak_key_is_not_enrolled(key: str) -> None:
    """For such a key anybody can make signatures that pass."""
    room = Room(people=(), signatures=PersonalSignatures())

    with pytest.raises(BadInputError, match="cannot be used"):
        room.run(room.people.enrol("boss", ["administrator"], key, by=None))
    assert room.gateway.registry.people == {}


def test_a_real_key_signs_what_counts_and_nothing_else() -> None:
    """The same laws with Ed25519 in place of the simulator's digests."""
    key, other = PersonKey.generate(), PersonKey.generate()
    room = Room(people=(), signatures=PersonalSignatures())
    room.run(room.people.enrol("boss", ["administrator"], key.public_key, by=None))
    at_us = room.clock.now_us()
    said = statement("resume", {"scope": "everything"}, person="boss", at_us=at_us)
    forged = Signed(person="boss", at_us=at_us, signature=other.sign(said))
    honest = Signed(person="boss", at_us=at_us, signature=key.sign(said))

    with pytest.raises(SignatureError):
        room.people.verify("resume", {"scope": "everything"}, forged)
    assert room.people.verify("resume", {"scope": "everything"}, honest).name == "boss"


def test_a_statement_counts_once_however_its_signature_is_spelled() -> None:
    """A passkey's signature is an object: its fields in another order are the same signature."""
    holder = Authenticator()
    boss = replace(BOSS, public_key="", passkeys=(holder.public,))
    room = Room(people=(boss,), signatures=PersonalSignatures())
    at_us = room.clock.now_us()
    details: JsonObject = {"scope": "everything"}
    signature = holder.sign(statement("resume", details, person="boss", at_us=at_us))
    turned = json.dumps(dict(reversed(taken_apart(signature).items()))).encode()
    respelled = passkeys.PREFIX + passkeys.to_text(turned)

    assert respelled != signature
    room.people.verify("resume", details, Signed(person="boss", at_us=at_us, signature=signature))
    again = Signed(person="boss", at_us=at_us, signature=respelled)
    with pytest.raises(SignatureError, match="used before"):
        room.people.verify("resume", details, again)


@pytest.mark.parametrize(
    "settings, people, lone",
    [(True, 1, True), (True, 2, False), (False, 1, False), (True, 0, False)],
)
def test_one_is_alone_by_the_settings_and_in_fact(settings: bool, people: int, lone: bool) -> None:
    """It ends when a second person can answer."""
    second = Person(name="sam", roles=frozenset(), public_key="key-of-sam")

    assert Room(people=(BOSS, second)[:people], team_of_one=settings).people.lone() is lone


@requirement("A-11")
@pytest.mark.parametrize("lacking", ["owner", "purpose", "contact"])
@pytest.mark.parametrize("said", ["", "  "])
def test_no_agent_is_registered_without_somebody_who_answers_for_it(
    lacking: str, said: str
) -> None:
    """Nor without what it is for, and whom to tell when something goes wrong."""
    room = Room()
    words = {"owner": "lea", "purpose": "be tested", "contact": "on-call", lacking: said}
    with pytest.raises(BadInputError, match=f"an agent needs its {lacking}"):
        room.run(room.people.add_agent("bot", **words, by="boss"))

    assert "bot" not in room.gateway.registry.agents


def test_a_new_agent_is_at_the_stage_draft() -> None:
    """Whatever it is; and its name is taken."""
    room = Room()
    agent = room.run(
        room.people.add_agent("bot", owner="lea", purpose="be tested", contact="lea", by="boss")
    )

    assert agent.stage is Stage.DRAFT
    with pytest.raises(ConflictError):
        room.run(
            room.people.add_agent("bot", owner="eve", purpose="be tested", contact="eve", by="eve")
        )
    assert room.gateway.registry.agents["bot"].owner == "lea"


def test_an_owner_signs_for_a_stage_and_it_counts_at_once() -> None:
    """Over agent, stage and reason; earlier decisions are too old, and a restart keeps it."""
    room = Room()
    details: JsonObject = {"agent": "novice", "stage": "live", "because": "earned"}
    epoch = room.gateway.fences.epoch

    def stage(by: Signed) -> None:
        room.run(room.people.stage("novice", Stage.LIVE, because="earned", by=by))

    with pytest.raises(NotPermittedError):
        stage(room.signed("stage", details, "sam"))
    with pytest.raises(SignatureError):
        stage(room.signed("stage", {**details, "stage": "ask"}, "lea"))
    stage(room.signed("stage", details, "lea"))
    room.start()

    assert room.gateway.registry.agents["novice"].stage is Stage.LIVE
    assert room.gateway.fences.epoch > epoch


@pytest.mark.parametrize("key", ["key-of-boss", "key-of-lea"])
def test_one_key_is_one_person(key: str) -> None:
    """Else one hand could be the two people that a question wants, or answer its own request."""
    room = Room()
    details: JsonObject = {"name": "new", "roles": ["reviewer"], "public_key": key}
    by = room.signed("enrol", details)
    with pytest.raises(ConflictError, match="already"):
        room.run(room.people.enrol("new", ["reviewer"], key, by=by))

    assert "new" not in room.gateway.registry.people


def test_a_key_stays_taken_when_its_person_is_switched_off() -> None:
    """What was switched off does not come back under another name."""
    room = Room()
    room.run(room.people.deactivate("lea", by=room.signed("deactivate", {"name": "lea"})))
    details: JsonObject = {"name": "new", "roles": ["lead"], "public_key": "key-of-lea"}
    with pytest.raises(ConflictError):
        room.run(room.people.enrol("new", ["lead"], "key-of-lea", by=room.signed("enrol", details)))


def test_a_person_may_be_kept_again_with_their_own_key() -> None:
    """Roles change while the key stays."""
    room = Room()
    details: JsonObject = {"name": "lea", "roles": ["lead"], "public_key": "key-of-lea"}
    by = room.signed("enrol", details)

    assert room.run(room.people.enrol("lea", ["lead"], "key-of-lea", by=by)).roles == {"lead"}
