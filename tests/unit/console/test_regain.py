"""Ways back in: each is good once, on record, and never a way past whoever could object."""

from dataclasses import replace

import pytest

from sallyport.adapters.keys import new_token, token_hash
from sallyport.errors import (
    ConflictError,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
)
from sallyport.flow.regain import CODES, DAY_US, Regain
from sallyport.flow.sessions import Sessions
from sallyport.model import Environment, JsonObject, Person
from sallyport.ports import LedgerQuery
from sallyport.rules.statements import Signed, statement
from tests.unit.flow.room import BOSS, Room

NEW = Person(name="new", roles=frozenset({"reviewer"}))
LEA = Person(name="lea", roles=frozenset({"reviewer"}), passkeys=("passkey:localhost:AA:AA",))
ELSEWHERE = Person(name="eve", roles=frozenset({"administrator"}), identity="issuer eve")


class Desk:
    """A house with its ways back in."""

    def __init__(self, *people: Person) -> None:
        self.room = Room(people=people or (BOSS, LEA, NEW, ELSEWHERE))
        gateway = self.room.gateway
        self.sessions = Sessions(gateway, new_token, token_hash)
        self.regain = Regain(gateway, self.room.people, self.sessions, new_token, token_hash)

    def person(self, name: str) -> Person:
        """Return somebody as they are now."""
        return self.room.gateway.registry.people[name]

    def codes(self, name: str) -> tuple[str, ...]:
        """Make ten codes."""
        return self.room.run(self.regain.make_codes(name, by="a test"))

    def signed(self, verb: str, name: str) -> Signed:
        """Return the boss's signature."""
        at_us = self.room.clock.now_us()
        said = statement(verb, {"name": name}, person="boss", at_us=at_us)
        return Signed(
            person="boss", at_us=at_us, signature=self.room.keys.sign(BOSS.public_key, said)
        )

    def told(self, kind: str) -> list[object]:
        """Return the bodies of the ledger's entries of a kind."""
        found = self.room.run(self.room.reading.search(LedgerQuery(kind=kind)))
        return [one.body for one in found]


def test_a_code_signs_its_person_in_once() -> None:
    """The others stay good, and it is on record how somebody came in."""
    desk = Desk()
    codes = desk.codes("lea")
    assert len(set(codes)) == CODES
    secret = desk.room.run(desk.regain.use_code(f" {codes[3]}\n"))
    session, person = desk.sessions.of(secret)
    assert (person.name, session.how) == ("lea", "recovery")
    with pytest.raises(NotAuthenticatedError):
        desk.room.run(desk.regain.use_code(codes[3]))
    assert len(desk.person("lea").recovery) == CODES - 1
    assert desk.room.run(desk.regain.use_code(codes[4]))


def test_codes_are_kept_as_hashes_alone() -> None:
    """Nothing that is written down signs anybody in."""
    desk = Desk()
    codes = desk.codes("lea")
    kept = repr(desk.person("lea")) + repr(desk.told("person.kept"))
    assert not any(code in kept for code in codes)
    assert '"recovery_codes": 10' in repr(desk.told("person.kept")).replace("'", '"')


def test_new_codes_end_the_old_ones() -> None:
    """Whoever found the old list has nothing."""
    desk = Desk()
    (old, *_), _ = desk.codes("lea"), desk.codes("lea")
    with pytest.raises(NotAuthenticatedError):
        desk.room.run(desk.regain.use_code(old))


@pytest.mark.parametrize("made_up", ["", "sp_recover_", "\ud800", "x" * 10_000])
def test_a_made_up_code_signs_nobody_in(made_up: str) -> None:
    """Though there are people without any code."""
    desk = Desk()
    with pytest.raises(NotAuthenticatedError):
        desk.room.run(desk.regain.use_code(made_up))


def test_codes_of_somebody_who_was_switched_off_are_worth_nothing() -> None:
    """Nor can they have new ones; and whom a provider stands for recovers there."""
    desk = Desk()
    code, *_ = desk.codes("lea")
    desk.room.run(desk.room.people.keep(replace(desk.person("lea"), active=False), "a test"))
    with pytest.raises(NotAuthenticatedError):
        desk.room.run(desk.regain.use_code(code))
    for name in ("lea", "eve"):
        with pytest.raises(NotPermittedError):
            desk.codes(name)


def test_an_administrator_invites_whoever_has_no_key() -> None:
    """The link is good once, for a day."""
    desk = Desk()
    link = desk.room.run(desk.regain.invite("new", by=desk.signed("invite", "new")))
    desk.room.clock.jump(DAY_US - 1_000_000)
    session, person = desk.sessions.of(desk.room.run(desk.sessions.enter(link)))
    assert (person.name, session.how) == ("new", "enrolment")
    with pytest.raises(NotAuthenticatedError):
        desk.room.run(desk.sessions.enter(link))


def test_a_later_invitation_takes_the_place_of_an_earlier_one() -> None:
    """One that was sent to the wrong address is made worthless by sending another."""
    desk = Desk()
    first = desk.room.run(desk.regain.invite("new", by=desk.signed("invite", "new")))
    desk.room.clock.jump(1_000_000)
    second = desk.room.run(desk.regain.invite("new", by=desk.signed("invite", "new")))
    with pytest.raises(NotAuthenticatedError):
        desk.room.run(desk.sessions.enter(first))
    assert desk.room.run(desk.sessions.enter(second))


def test_nobody_is_invited_in_the_place_of_somebody_with_a_key() -> None:
    """Nor without an administrator, while there is one who can sign."""
    desk = Desk()
    for name in ("lea", "boss", "eve"):
        with pytest.raises(ConflictError):
            desk.room.run(desk.regain.invite(name, by=desk.signed("invite", name)))
        desk.room.clock.jump(1_000_000)
    with pytest.raises(NotPermittedError):
        desk.room.run(desk.regain.invite("new", by=None))
    with pytest.raises(NotFoundError):
        desk.room.run(desk.regain.invite("nobody", by=desk.signed("invite", "nobody")))


def test_the_first_person_is_invited_by_presence() -> None:
    """While nobody can sign for anything."""
    desk = Desk(NEW)
    assert desk.room.run(desk.sessions.enter(desk.room.run(desk.regain.invite("new", by=None))))


def test_in_production_a_recovery_takes_a_day_and_is_on_record_from_the_start() -> None:
    """Then everything that they signed with is gone, with their sessions; a link lets them in."""
    desk = Desk()
    session = desk.room.run(desk.sessions.begin("boss", how="link"))
    asked = desk.room.run(desk.regain.recover("boss"))
    assert (asked.link, asked.from_us) == ("", desk.room.gateway.evidence.now_us() + DAY_US)
    assert desk.told("person.recovery_asked") == [{"person": "boss", "from_us": asked.from_us}]
    assert desk.room.run(desk.regain.recover("boss")) == asked
    assert desk.person("boss").keys

    desk.room.clock.jump(DAY_US)
    done = desk.room.run(desk.regain.recover("boss"))
    assert desk.person("boss").keys == ()
    assert desk.told("person.recovered") == [{"person": "boss", "keys_removed": 1, "sessions": 1}]
    with pytest.raises(NotAuthenticatedError):
        desk.sessions.of(session)
    assert desk.sessions.of(desk.room.run(desk.sessions.enter(done.link)))[1].name == "boss"


def test_an_administrator_stops_a_recovery_by_switching_the_person_off() -> None:
    """It is no way round them."""
    second = replace(BOSS, name="second", public_key="key-of-second")
    desk = Desk(BOSS, second)
    desk.room.run(desk.regain.recover("second"))
    by = desk.signed("deactivate", "second")
    desk.room.run(desk.room.people.deactivate("second", by=by))
    desk.room.clock.jump(DAY_US)
    with pytest.raises(NotPermittedError):
        desk.room.run(desk.regain.recover("second"))


def test_a_recovery_that_nobody_came_back_for_begins_anew() -> None:
    """An old request is no standing way in."""
    desk = Desk()
    desk.room.run(desk.regain.recover("boss"))
    desk.room.clock.jump(30 * DAY_US)
    again = desk.room.run(desk.regain.recover("boss"))
    assert again.link == ""
    assert again.from_us == desk.room.gateway.evidence.now_us() + DAY_US


def test_nobody_waits_where_nobody_could_object() -> None:
    """No administrator has a key, or nothing here is production."""
    desk = Desk(replace(BOSS, public_key=""))
    assert desk.room.run(desk.regain.recover("boss")).link

    desk = Desk()
    boundaries = desk.room.gateway.registry.boundaries
    for digest, one in list(boundaries.items()):
        workflow = replace(one.workflow, environment=Environment.PERSONAL)
        boundaries[digest] = replace(one, workflow=workflow)
    assert desk.room.run(desk.regain.recover("boss")).link


@pytest.mark.parametrize("name", ["lea", "eve"])
def test_only_an_administrator_of_this_gateway_is_recovered_by_presence(name: str) -> None:
    """Anybody else has an administrator; and a provider recovers its own."""
    desk = Desk()
    with pytest.raises(NotPermittedError):
        desk.room.run(desk.regain.recover(name))


def test_the_last_key_is_not_removed_by_its_person() -> None:
    """They would be out; an administrator may, and it is signed."""
    desk = Desk()
    people = desk.room.people
    with pytest.raises(ConflictError):
        desk.room.run(people.remove_passkey("lea", "AA", by=None))
    at_us = desk.room.clock.now_us()
    details = {"name": "lea", "passkey": "AA"}
    said = statement("remove-passkey", {**details}, person="boss", at_us=at_us)
    by = Signed(person="boss", at_us=at_us, signature=desk.room.keys.sign(BOSS.public_key, said))
    desk.room.run(people.remove_passkey("lea", "AA", by=by))
    assert desk.person("lea").keys == ()
    with pytest.raises(NotFoundError):
        desk.room.run(people.remove_passkey("lea", "AA", by=None))


def test_new_roles_leave_passkeys_as_they_are_but_nothing_comes_back_from_the_dead() -> None:
    """Somebody who was switched off and is enrolled again is a new person."""
    desk = Desk()

    def enrol() -> None:
        at_us = desk.room.clock.now_us()
        said: JsonObject = {"name": "lea", "roles": ["auditor"], "public_key": ""}
        signed = statement("enrol", said, person="boss", at_us=at_us)
        by = Signed(
            person="boss", at_us=at_us, signature=desk.room.keys.sign(BOSS.public_key, signed)
        )
        desk.room.run(desk.room.people.enrol("lea", ["auditor"], "", by=by))
        desk.room.clock.jump(1_000_000)

    enrol()
    assert desk.person("lea").passkeys == LEA.passkeys
    desk.room.run(desk.room.people.deactivate("lea", by=desk.signed("deactivate", "lea")))
    desk.room.clock.jump(1_000_000)
    enrol()
    assert desk.person("lea").keys == ()
