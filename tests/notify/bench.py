"""A channel that keeps what it is told to send, and a room whose outbox leads to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sallyport.flow.notices import Notices
from sallyport.flow.rounds import Rounds
from sallyport.model import Approval
from sallyport.ports import ONE_LANE, Channel, Delivered, Row, Sent, TryAgain
from sallyport.rules.notices import USUAL, Kind, Notice
from sallyport.simulate import scenery
from sallyport.simulate.schedule import Until
from tests.unit.flow.room import Room

EVERYTHING = frozenset(Kind)
CONSOLE = "https://gate.example.com"


class Pigeon:
    """A notifier that carries everything, and brings back what it was told to."""

    kind = "webhook"

    def __init__(self, *brings: Sent) -> None:
        self.carried: list[Notice] = []
        self.brings = list(brings)
        self.lanes: Sequence[str] = ONE_LANE
        self.closed: Sequence[str] = ()
        """Lanes on which nothing gets through."""

    def reaches(self, notice: Notice) -> Sequence[str]:
        """Reach everybody."""
        return self.lanes

    async def send(self, notice: Notice) -> Sent:
        """Carry it, and bring back what comes next; in the end that it was delivered."""
        await Until()
        self.carried.append(notice)
        if notice.lane in self.closed:
            return TryAgain("no answer")
        return self.brings.pop(0) if self.brings else Delivered()

    async def close(self) -> None:
        """Nothing is open."""


def told(
    room: Room,
    pigeon: Pigeon,
    tells: frozenset[Kind] = USUAL,
    name: str = "loft",
    rounds: Sequence[int] = (),
) -> Notices:
    """Give a room one more channel, and return what writes and sends its notices."""
    gateway = room.gateway
    channel = Channel(name=name, notifier=pigeon, tells=tells)
    gateway.outside = replace(gateway.outside, channels=(*gateway.outside.channels, channel))
    return Notices(gateway, room.people.lone, lambda: CONSOLE, Rounds(gateway, rounds))


def outbox(room: Room, **where: str) -> Sequence[Row]:
    """Return the rows of the outbox."""
    return room.run(room.store.rows("outbox", where))


def ask(room: Room, *, requester: str = "") -> str:
    """Propose a call that asks, and return the question's id."""
    task = room.task(requester=requester) if requester else room.task()
    ended = room.propose(task, "tickets.update", {"ticket": "T1", "refund": 60})
    assert ended.approval is not None
    return ended.approval.id


def somebody(room: Room, approval: Approval) -> str:
    """Return who may answer a question and did not ask for it."""
    people = room.gateway.registry.people.values()
    who = set(approval.question.who)
    return next(p.name for p in people if p.roles & who and p.name != scenery.REQUESTER)
