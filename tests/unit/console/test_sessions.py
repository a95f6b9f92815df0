"""A session is one person's, for a while."""

import pytest

from sallyport.adapters.keys import new_token, token_hash
from sallyport.errors import NotAuthenticatedError, NotPermittedError
from sallyport.flow.sessions import LINK_US, Sessions
from sallyport.model import Person
from sallyport.rules.times import SECOND_US
from tests.unit.flow.room import Room

LEA = Person(name="lea", roles=frozenset({"reviewer"}), public_key="k")


@pytest.fixture
def room() -> Room:
    """Return a house with one person in it."""
    return Room(people=(LEA,))


@pytest.fixture
def sessions(room: Room) -> Sessions:
    """Return the sessions of that house."""
    return Sessions(room.gateway, new_token, token_hash, idle_s=60, lasts_s=600)


def test_a_link_is_good_once(sessions: Sessions, room: Room) -> None:
    """The second use finds nothing."""
    link = sessions.link("lea")
    secret = room.run(sessions.enter(link))
    assert sessions.of(secret)[1] == LEA
    with pytest.raises(NotAuthenticatedError):
        room.run(sessions.enter(link))


def test_a_link_ends_after_two_minutes(sessions: Sessions, room: Room) -> None:
    """Whoever finds it later finds nothing."""
    link = sessions.link("lea")
    room.clock.jump(LINK_US)
    with pytest.raises(NotAuthenticatedError):
        room.run(sessions.enter(link))


@pytest.mark.parametrize("made_up", ["", "sp_session_x", "\ud800"])
def test_a_made_up_secret_opens_nothing(sessions: Sessions, made_up: str) -> None:
    """Any text has a hash, and no session has it."""
    with pytest.raises(NotAuthenticatedError):
        sessions.of(made_up)


def test_a_session_ends_when_it_is_idle_and_when_it_is_old(sessions: Sessions, room: Room) -> None:
    """Use keeps it open, but not for ever."""
    secret = room.run(sessions.begin("lea", how="link"))
    for _ in range(11):
        room.clock.jump(50 * SECOND_US)
        sessions.of(secret)
    room.clock.jump(55 * SECOND_US)
    with pytest.raises(NotAuthenticatedError, match="has ended"):
        sessions.of(secret)

    again = room.run(sessions.begin("lea", how="link"))
    room.clock.jump(61 * SECOND_US)
    with pytest.raises(NotAuthenticatedError, match="has ended"):
        sessions.of(again)


def test_whoever_is_switched_off_is_out_at_once(sessions: Sessions, room: Room) -> None:
    """The next request finds no session, and there is no new one."""
    secret = room.run(sessions.begin("lea", how="passkey"))
    room.gateway.registry.people["lea"] = Person(name="lea", roles=LEA.roles, active=False)
    with pytest.raises(NotAuthenticatedError):
        sessions.of(secret)
    with pytest.raises(NotPermittedError):
        room.run(sessions.begin("lea", how="passkey"))


def test_listening_is_no_use_of_a_session(sessions: Sessions, room: Room) -> None:
    """An open page that nobody touches does not keep its person signed in."""
    secret = room.run(sessions.begin("lea", how="passkey"))
    for _ in range(2):
        room.clock.jump(31 * SECOND_US)
        if sessions_open(sessions, secret):
            sessions.look(secret)
    assert not sessions_open(sessions, secret)


def sessions_open(sessions: Sessions, secret: str) -> bool:
    """Return whether a session goes on, without using it."""
    try:
        sessions.look(secret)
    except NotAuthenticatedError:
        return False
    return True


def test_every_session_and_link_of_somebody_can_be_ended(sessions: Sessions, room: Room) -> None:
    """What is left of them opens nothing."""
    secrets = [room.run(sessions.begin("lea", how="passkey")) for _ in range(3)]
    link = sessions.link("lea")
    assert room.run(sessions.end_all("lea")) == len(secrets)
    assert not any(sessions_open(sessions, secret) for secret in secrets)
    with pytest.raises(NotAuthenticatedError):
        room.run(sessions.enter(link))


def test_signing_out_ends_it(sessions: Sessions, room: Room) -> None:
    """And doing it twice is no fault."""
    secret = room.run(sessions.begin("lea", how="link"))
    room.run(sessions.end(secret))
    room.run(sessions.end(secret))
    with pytest.raises(NotAuthenticatedError):
        sessions.of(secret)
