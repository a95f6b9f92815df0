"""Tells people what wants them: rows written with the event, sent later, given up visibly.

Rules:
  1. A notice is written in the append of the event that it tells of: none for what did not happen,
     and after a crash none is missing.
  2. Sending is no part of what it tells of. A channel that hangs holds up no call, no answer, no
     stop and no other channel; within a channel, a lane holds up no other lane.
  3. A notice has one id however often it is tried. Between delivery and writing that down the
     process can die; then it is sent again under that id, which is all that a sender can do.
  4. Of what was settled or ended meanwhile nobody is told any more.
  5. A question that can wait for a round interrupts nobody before it.
  6. Nothing comes in here. Whoever is told follows the link and signs in.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sallyport.errors import NotFoundError
from sallyport.flow import rows
from sallyport.flow.evidence import Draught
from sallyport.flow.gateway import Gateway
from sallyport.flow.rounds import ROUND, Rounds
from sallyport.model import ApprovalState, Json, JsonObject
from sallyport.ports import (
    Channel,
    Delivered,
    GaveUp,
    Insert,
    Record,
    Row,
    Sent,
    TryAgain,
    Update,
)
from sallyport.rules import notices
from sallyport.rules.notices import Happened, Kind, Known, Notice, Plan
from sallyport.rules.times import DAY_US, SECOND_US, utc

WAITING = "waiting"
DELIVERED = "delivered"
GIVEN_UP = "given_up"
DROPPED = "dropped"

AT_ONCE = 100
"""Notices that one round of a channel takes at most."""
SHOWN = 20

ABOUT_QUESTIONS = frozenset({Kind.ASKED, Kind.ESCALATED, Kind.ENDS_SOON})


@dataclass(slots=True)
class _Failing:
    """A lane of a channel that does not get through: how often in a row, since it last did."""

    tries: int = 0
    next_us: int = 0
    why: str = ""


class Notices:
    """Writes notices into the outbox and sends them.

    Args:
        gateway: Where registry, evidence and ports are.
        lone: Returns whether `team: one` is in force.
        console: Returns what links begin with, without a slash at the end.
        rounds: What can wait, and for how long.
    """

    def __init__(
        self,
        gateway: Gateway,
        lone: Callable[[], bool],
        console: Callable[[], str],
        rounds: Rounds,
    ) -> None:
        self._gateway = gateway
        self._lone = lone
        self._console = console
        self._rounds = rounds
        self.quick: Callable[[str], Awaitable[str]] = _nowhere
        """Returns the path of a question's page with one button; nothing where it has none."""
        self._held: dict[str, int] = {}
        self._channels = {one.name: one for one in gateway.outside.channels}
        self._tries: dict[str, int] = {}
        self._failing: dict[tuple[str, str], _Failing] = {}
        if self._channels:
            gateway.evidence.tell = self.write

    @property
    def channels(self) -> Sequence[str]:
        """The names of all channels, sorted."""
        return sorted(self._channels)

    # --- Writing. ---

    def write(self, draught: Draught, record: Record) -> None:
        """Add to an append what its last record tells people."""
        said = notices.notice(_happened(draught, record), self._known())
        if said is None:
            return
        fresh = f"{said.about}-asked" if said.kind is Kind.ASKED else ""
        self._put(draught, replace(said, id=fresh or self._gateway.outside.ids.new("n")))

    def _put(self, draught: Draught, said: Notice) -> None:
        for channel in self._channels.values():
            lanes = channel.notifier.reaches(said) if said.kind in channel.tells else ()
            for lane in lanes:
                row = _row(replace(said, lane=lane), channel.name)
                draught.changes.append(Insert("outbox", row))

    def _known(self) -> Known:
        registry = self._gateway.registry
        active = [registry.boundary_of(name) for name in registry.active]
        return Known(
            people=registry.people,
            plans=[
                Plan(
                    workflow=one.workflow.name,
                    agent=one.workflow.agent,
                    tell=one.workflow.stop.tell,
                    systems=tuple(one.systems),
                    tools=tuple(one.workflow.tools),
                )
                for one in active
                if one is not None
            ],
            contacts={agent.name: agent.contact for agent in registry.agents.values()},
            lone=self._lone(),
            titles=self._title,
        )

    def _title(self, workflow: str, tool: str) -> str:
        boundary = self._gateway.registry.boundary_of(workflow)
        pin = boundary.pins.get(tool) if boundary is not None else None
        title = pin.definition.get("title") if pin is not None else None
        return title if isinstance(title, str) else ""

    async def remind(self) -> int:
        """Write a notice for each question whose time is nearly over; return for how many."""
        gateway, written = self._gateway, 0
        if not any(Kind.ENDS_SOON in one.tells for one in self._channels.values()):
            return 0
        now_us = gateway.evidence.now_us()
        found = await gateway.outside.store.rows(
            "approvals", {"state": ApprovalState.WAITING.value}
        )
        for row in found:
            begin, end = rows.number(row, "asked_us"), rows.number(row, "expires_us")
            if notices.soon_us(begin, end) <= now_us < end:
                written += await self._remind(rows.text(row, "id"), now_us)
        return written

    async def _remind(self, approval: str, now_us: int) -> int:
        """Write one notice for each that told of the question, by the same lane."""
        store, draught = self._gateway.outside.store, self._gateway.evidence.draught()
        told = await store.rows("outbox", {"about": approval})
        reminded = {rows.text(row, "id") for row in told if row["kind"] == Kind.ENDS_SOON.value}
        for row in told:
            name = rows.text(row, "channel")
            channel = self._channels.get(name)
            if row["kind"] != Kind.ASKED.value or channel is None:
                continue
            said = notices.ends_soon(_notice(row))
            said = replace(said, id=f"{approval}-ends-soon", made_us=now_us)
            again = _row(said, name)
            if Kind.ENDS_SOON in channel.tells and again["id"] not in reminded:
                draught.changes.append(Insert("outbox", again))
        if not draught.changes:
            return 0
        self._gateway.evidence.note(draught, "notice.reminded", {"about": approval})
        await store.append(draught.done())
        return 1

    # --- Sending. ---

    async def send_due(self, name: str) -> int:
        """Send what is due on a channel, each lane until it does not get through.

        Returns:
            How many got out.
        """
        now_us = self._gateway.evidence.now_us()
        stuck = {
            lane for (of, lane), one in self._failing.items() if of == name and now_us < one.next_us
        }
        if stuck == {""}:
            return 0
        # What waits for a lane that is left alone must not hide what waits for another.
        limit = None if stuck else AT_ONCE + len(self._held)
        waiting = await self._gateway.outside.store.rows(
            "outbox", {"state": WAITING, "channel": name}, limit=limit
        )
        delivered = 0
        for row in sorted(waiting, key=lambda one: self._tries.get(rows.text(one, "id"), 0)):
            lane = _notice(row).lane
            if lane in stuck or await self._waits_for_a_round(row, now_us):
                continue
            if await self._send(self._channels[name], row):
                delivered += 1
            else:
                stuck.add(lane)
        return delivered

    async def _waits_for_a_round(self, row: Row, now_us: int) -> bool:
        row_id = rows.text(row, "id")
        if row_id not in self._held:
            self._held[row_id] = await self._round_of(row)
        if now_us < self._held[row_id]:
            return True
        del self._held[row_id]
        return False

    async def _round_of(self, row: Row) -> int:
        """Return the round that a notice waits for; 0 for none. A restart changes nothing of it."""
        round_us = self._rounds.next_us(rows.number(row, "made_us"))
        if row["kind"] != Kind.ASKED.value or not round_us:
            return 0
        store, vault = self._gateway.outside.store, self._gateway.outside.vault
        for found in await store.rows("approvals", {"id": rows.text(row, "about")}):
            approval = rows.approval_of(found, vault)
            for called in await store.rows("calls", {"id": approval.call_id}):
                group = self._rounds.group(rows.call_of(called, vault), approval, round_us)
                return round_us if group == ROUND else 0
        return 0

    async def _send(self, channel: Channel, row: Row) -> bool:
        """Send one notice, and return whether the channel is worth another one now."""
        said = _notice(row)
        over = await self._over(channel, said)
        if over:
            await self._end(row, DROPPED, over)
            return True
        sent = await _sent(channel, await self._addressed(said))
        match sent:
            case Delivered(note):
                self._failing.pop((channel.name, said.lane), None)
                await self._end(row, DELIVERED, note)
            case GaveUp(why):
                await self._end(row, GIVEN_UP, why)
            case TryAgain():
                return await self._later(channel.name, row, said, sent)
        return True

    async def _addressed(self, said: Notice) -> Notice:
        """Return a notice with the addresses that it leads to, as they are when it leaves."""
        console = self._console()
        quick = await self.quick(said.about) if said.kind in ABOUT_QUESTIONS else ""
        return replace(said, link=console + said.link, quick=quick and console + quick)

    async def _over(self, channel: Channel, said: Notice) -> str:
        """Return why nobody needs to be told any more; empty if they do."""
        if said.lane and said.lane not in channel.notifier.reaches(said):
            return "whom it was for is not told there any more"
        if said.kind not in ABOUT_QUESTIONS:
            return ""
        if said.ends_us and self._gateway.evidence.now_us() >= said.ends_us:
            return "it ended before it could be told"
        found = await self._gateway.outside.store.rows("approvals", {"id": said.about})
        waits = bool(found) and found[0]["state"] == ApprovalState.WAITING.value
        return "" if waits else "it was settled before it could be told"

    async def _later(self, name: str, row: Row, said: Notice, sent: TryAgain) -> bool:
        row_id, now_us = rows.text(row, "id"), self._gateway.evidence.now_us()
        self._tries[row_id] = tries = self._tries.get(row_id, 0) + 1
        failing = self._failing.setdefault((name, said.lane), _Failing())
        failing.tries += 1
        chance = self._gateway.outside.ids.salt()[0]
        wait_us = max(notices.wait_us(failing.tries, chance), sent.after_s * SECOND_US)
        failing.next_us, failing.why = now_us + wait_us, sent.why
        if now_us >= notices.gives_up_us(said):
            await self._end(row, GIVEN_UP, f"{sent.why}, {tries} time(s) in a row")
        return False

    async def _end(self, row: Row, state: str, why: str) -> None:
        gateway, row_id = self._gateway, rows.text(row, "id")
        self._tries.pop(row_id, None)
        draught = gateway.evidence.draught()
        columns: Row = {"state": state, "why": why, "changed_us": draught.at_us}
        draught.changes.append(Update("outbox", row_id, {"state": WAITING}, columns))
        body: JsonObject = {
            "notice": rows.text(row, "notice"),
            "channel": rows.text(row, "channel"),
            "kind": rows.text(row, "kind"),
            "about": rows.text(row, "about"),
            "to": list[Json](_notice(row).to),
            "why": why,
        }
        gateway.evidence.note(draught, f"notice.{state}", body)
        await gateway.outside.store.append(draught.done())

    # --- What people who run it see. ---

    async def test(self, name: str, *, by: str) -> Sent:
        """Send a notice that says nothing but that it came; return what came of it.

        Raises:
            NotFoundError: No channel has this name.
        """
        gateway, channel = self._gateway, self._channels.get(name)
        if channel is None:
            known = ", ".join(self.channels) or "none is set up"
            raise NotFoundError(
                f"no channel is called `{name[:80]}`", fix=f"use one of the settings': {known}"
            )
        said = notices.test(gateway.evidence.now_us())
        sent = await self._tried(channel, said, by)
        if isinstance(sent, Delivered):
            self._failing.pop((name, ""), None)
        return sent

    async def welcome(self, person: str, device: str) -> None:
        """Say on a new device that its person is told there from now on; tried once."""
        said = notices.welcome(person, device, self._gateway.evidence.now_us())
        for channel in self._channels.values():
            if channel.notifier.kind == "push":
                await self._tried(channel, said, person)

    async def _tried(self, channel: Channel, said: Notice, by: str) -> Sent:
        """Send something once, outside of the outbox, and note what came of it."""
        gateway = self._gateway
        said = replace(said, id=gateway.outside.ids.new("n"), link=self._console() + said.link)
        sent = await _sent(channel, said)
        body: JsonObject = {
            "notice": said.id,
            "channel": channel.name,
            "came_of_it": what(sent),
            "by": by,
        }
        draught = gateway.evidence.draught()
        gateway.evidence.note(draught, "notice.tested", body, index={"person": by})
        await gateway.outside.store.append(draught.done())
        return sent

    async def listed(self) -> Sequence[JsonObject]:
        """Return each channel: what it tells, how much waits, and what last went wrong."""
        return [await self._listed(self._channels[name]) for name in self.channels]

    async def _listed(self, channel: Channel) -> JsonObject:
        store, name = self._gateway.outside.store, channel.name
        waiting = await store.rows("outbox", {"state": WAITING, "channel": name})
        lost = await self._given_up(name)
        failing = max(self._of(name), key=lambda one: one.tries, default=_Failing())
        return {
            "name": name,
            "kind": channel.notifier.kind,
            "tells": list[Json](sorted(kind.value for kind in channel.tells)),
            "waiting": len(waiting),
            "failing": failing.why,
            "tries": failing.tries,
            "next_us": failing.next_us,
            "given_up": list[Json]([_shown(row) for row in lost[:SHOWN]]),
        }

    def _of(self, name: str) -> Sequence[_Failing]:
        """Return the lanes of a channel that do not get through, of those that there still are."""
        lanes = self._channels[name].notifier.reaches(notices.test(0))
        return [self._failing[name, lane] for lane in lanes if (name, lane) in self._failing]

    async def _given_up(self, name: str) -> Sequence[Row]:
        """Return what a channel gave up, the newest first."""
        where = {"state": GIVEN_UP, "channel": name}
        return await self._gateway.outside.store.rows(
            "outbox", where, newest_first=True, limit=AT_ONCE
        )

    async def warnings(self) -> Sequence[str]:
        """Return a sentence for each channel that does not get through, or gave up today."""
        found: list[str] = []
        horizon = self._gateway.evidence.now_us() - DAY_US
        for name in self.channels:
            failing = self._of(name)
            if failing:
                worst = max(failing, key=lambda one: one.tries)
                found.append(f"channel `{name}` does not get through: {worst.why}")
            lost = [
                row
                for row in await self._given_up(name)
                if rows.number(row, "changed_us") >= horizon
            ]
            if lost:
                since = utc(rows.number(lost[-1], "changed_us"))
                why = rows.text(lost[0], "why")
                found.append(
                    f"channel `{name}` gave up on {len(lost)} notice(s) since {since}: {why}"
                )
        return found

    async def close(self) -> None:
        """Close every channel."""
        for channel in self._channels.values():
            await channel.notifier.close()


async def _nowhere(approval: str) -> str:
    del approval
    return ""


def what(sent: Sent) -> str:
    """Return in words what came of sending."""
    match sent:
        case Delivered(note):
            return f"delivered; {note}" if note else "delivered"
        case TryAgain(why):
            return f"not now: {why}"
        case GaveUp(why):
            return f"never like this: {why}"


async def _sent(channel: Channel, said: Notice) -> Sent:
    try:
        return await channel.notifier.send(said)
    except Exception as error:  # noqa: BLE001
        # Against the port's rule; without this the channel would be silent for ever.
        return TryAgain(f"the channel failed with {type(error).__name__}")


def _happened(draught: Draught, record: Record) -> Happened:
    """Return a record with the columns of its call, which another record of the append may have."""
    call, index = record.index.get("call", ""), dict(record.index)
    for other in draught.records:
        if call and other.index.get("call") == call and "workflow" in other.index:
            index |= other.index
    return Happened(kind=record.kind, at_us=record.at_us, body=record.body, index=index)


def _row(said: Notice, channel: str) -> Row:
    return {
        "id": f"{said.id}/{channel}{said.lane and '/' + said.lane}",
        "notice": said.id,
        "channel": channel,
        "kind": said.kind.value,
        "about": said.about,
        "state": WAITING,
        "words": json.dumps(
            {
                "title": said.title,
                "summary": said.summary,
                "link": said.link,
                "to": said.to,
                "lane": said.lane,
            }
        ),
        "why": "",
        "made_us": said.made_us,
        "ends_us": said.ends_us,
        "changed_us": said.made_us,
    }


def _notice(row: Row) -> Notice:
    words: Mapping[str, str] = json.loads(rows.text(row, "words"))
    return Notice(
        id=rows.text(row, "notice"),
        kind=Kind(rows.text(row, "kind")),
        title=words["title"],
        summary=words["summary"],
        link=words["link"],
        to=tuple(words["to"]),
        made_us=rows.number(row, "made_us"),
        ends_us=rows.number(row, "ends_us"),
        about=rows.text(row, "about"),
        lane=words.get("lane", ""),
    )


def _shown(row: Row) -> JsonObject:
    return {
        "notice": rows.text(row, "notice"),
        "kind": rows.text(row, "kind"),
        "about": rows.text(row, "about"),
        "at_us": rows.number(row, "changed_us"),
        "why": rows.text(row, "why"),
    }
