"""What must hold after every step, checked by somebody who does not trust the flow.

The watch reads what became durable, sees what leaves and what happens outside, and knows what
people did. It shares no decision with the rules: it holds the same promises in its own words.

    1  nothing leaves without an earlier intent on record for exactly what leaves
    2  what leaves is what was decided on and, where people were asked, what they said yes to
    3  after a stop nothing leaves and no intent is recorded; after it has returned, nothing has an
       effect that it did not list
    4  a call has at most one effect, and none once it is over
    5  what leaves was allowed, under the switches and the boundary in force; a needed yes was
       given by the right people, in time, and is used once
    6  no limit is passed
    7  the ledger's chain holds, only grows, and its times never run backwards
    8  what was acknowledged survives, and what a person made of a call is proposed
    9  states change only as drawn; after a recovery no intent is open
    10 an identical repeat has no second effect before the first result was delivered
    11 what an agent proposes after text from outside entered its run changes nothing unasked

`questions.py` has 12 and 13: what is written down of effects, and what systems ask in mid-call.
`crowds.py` has 14: what waits for people; `grants.py` has 15: what they said yes to beforehand;
`hasty.py` has 16: what can be undone, and what goes past the reviewers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from sallyport.model import SUM_DIGITS, Boundary, JsonObject, Level, Limit, Proposal, Verdict
from sallyport.ports import Record
from sallyport.rules import canonical, ledger
from sallyport.rules.strict_json import loads
from sallyport.simulate import scenery
from sallyport.simulate.crowds import Crowds
from sallyport.simulate.grants import Grants, counters
from sallyport.simulate.hasty import Hasty
from sallyport.simulate.questions import Questions, more_of_digest
from sallyport.simulate.store import STREAM, Commit, MemoryStore, Move
from sallyport.simulate.systems import Departure

State = tuple[object, object]

NEW: frozenset[State] = frozenset(
    {("refused", None), ("draft", None), ("waiting", None), ("waiting", "intended")}
)
LEGAL: Mapping[State, frozenset[State]] = {
    ("waiting", None): frozenset(
        {("waiting", None), ("waiting", "intended"), ("refused", None), ("expired", None)}
    ),
    ("waiting", "intended"): frozenset(
        {
            *(("done", "done"), ("done", "failed"), ("refused", "failed")),
            *(("waiting", "in_doubt"), ("asked", "sent"), ("asked", "failed")),
        }
    ),
    ("asked", "sent"): frozenset(
        {
            *(("answered", "sent"), ("refused", "failed"), ("waiting", "in_doubt")),
            *(("done", "done"), ("done", "failed")),
        }
    ),
    ("asked", "failed"): frozenset({("answered", "failed"), ("refused", "failed")}),
    ("waiting", "in_doubt"): frozenset({("done", "done"), ("done", "failed")}),
}
"""Ending and action of a call, and what may follow. What is not named only stays as it is."""

LEGAL_ANSWERS: Mapping[object, frozenset[object]] = {
    "waiting": frozenset({"waiting", "approved", "rejected", "changed", "expired", "stale"}),
    "approved": frozenset({"used", "expired", "stale", "undone"}),
    "stored": frozenset({"released", "discarded"}),
    "released": frozenset({"stored"}),  # by recovery, where the new call never came to be
}


@dataclass(slots=True, eq=False)
class Raised:
    """A switch as people set it: in force from the moment they said so."""

    scope: str
    verdict: Verdict
    because: str
    after_departure: int
    listed: frozenset[str] | None = None


@dataclass(slots=True, eq=False)
class Asked:
    """A question, and who said what."""

    body: JsonObject
    yes: set[str] = field(default_factory=set[str])
    no: set[str] = field(default_factory=set[str])
    uses: int = 0


@dataclass(slots=True, eq=False)
class Trace:
    """What the ledger says of one call."""

    body: JsonObject
    seq: int
    verdict: str
    given: bool = True
    """Whether the last decision counted on an approval; True until it was decided again."""
    intents: int = 0
    approval: str = ""
    reserved: tuple[str, ...] = ()
    delivered_seq: int = 0
    over: bool = False
    departures: list[Departure] = field(default_factory=list[Departure])
    effects: int = 0

    def __getattr__(self, name: str) -> str:
        return str(self.body[name])

    @property
    def changes_something(self) -> bool:
        """Whether a floor that spares reads covers it."""
        return Level[str(self.body["level"]).upper()] >= Level.CREATE

    @property
    def scopes(self) -> tuple[str, ...]:
        """Every scope that reaches it."""
        actor = cast("JsonObject", self.body["actor"])
        return (
            "everything",
            f"agent:{actor['agent']}",
            f"workflow:{self.body['workflow']}",
            f"system:{self.body['system']}",
            f"tool:{self.body['tool']}",
        )


class Watch:
    """Collects what happens and names what must not.

    Args:
        stop_scopes: What the stop file covers at the moment.
    """

    def __init__(self, stop_scopes: Callable[[], Iterable[str]]) -> None:
        self._stop_scopes = stop_scopes
        self._boundaries = scenery.boundaries()
        self._people = {person.name: person for person in scenery.PEOPLE}
        self._heads: Mapping[str, ledger.Head] = {}
        self._verified = 0
        self._last_us = 0
        self._departures = 0
        self._traces: dict[str, Trace] = {}
        self._asked: dict[str, Asked] = {}
        self._questions = Questions(self._hold, self._held_to)
        self._crowds = Crowds(self._hold)
        self._grants = Grants(self._hold)
        self._hasty = Hasty(self._hold)
        self._edits: dict[tuple[str, str], JsonObject] = {}
        self._editors: dict[str, str] = {}
        self._proposed: dict[str, Proposal] = {}
        self._runs: dict[str, str] = {}
        self._influenced: set[str] = set()
        self._proposed_influenced: set[str] = set()
        self._switches: dict[str, tuple[str, str, str]] = {}
        self._raised: list[Raised] = []
        self._active: dict[str, str] = {}
        self._tasks: dict[str, str] = {}
        self._counters: Counter[str] = Counter()
        self._twins: dict[tuple[str, str], list[Trace]] = {}
        self._readers: Mapping[str, Callable[[int, Record], None]] = {
            "call.decided": self._decided,
            "call.decided_again": self._decided_again,
            "call.intended": self._intended,
            "call.concluded": self._concluded,
            "call.delivered": self._delivered,
            "call.settled": self._ended_otherwise,
            "approval.asked": self._asked_about,
            "approval.answered": self._answered,
            "approval.expired": self._ended_otherwise,
            "switch.set": self._switched,
            "switch.lifted": self._unswitched,
            "boundary.activated": self._activated,
            "task.opened": self._opened,
            "task.closed": self._closed,
            "grant.ended": self._taken_back,
            "approval.undone": self._undone,
            "glass.broken": self._broke,
            "glass.ended": self._mended,
        }
        self.violations: list[str] = []
        self.kinds: Counter[str] = Counter()
        self.effects = 0

    def broken(self, number: int, what: str) -> None:
        """Note that invariant `number` does not hold."""
        self.violations.append(f"{number}: {what}")

    def _hold(self, number: int, what: str, *, holds: bool) -> None:
        if not holds:
            self.broken(number, what)

    # --- What people do. ---

    def proposed(self, proposal: Proposal) -> None:
        """Note what an agent really asked for."""
        self._proposed[proposal.call_id] = proposal
        if self._runs.get(proposal.task_id) in self._influenced:
            self._proposed_influenced.add(proposal.call_id)

    def edits(self, call_id: str, because: str, args: JsonObject) -> None:
        """Note what somebody wants a call to be changed to; two may want it at once."""
        self._edits[call_id, canonical.digest("because", because)] = args

    def activated(self, workflow: str, digest: str) -> None:
        """Note the boundary that the world begins with."""
        self._active[workflow] = digest

    def raises(self, scope: str, verdict: Verdict, because: str) -> Raised:
        """Note that somebody sets a switch, in the step in which they do."""
        raised = Raised(scope, verdict, because, self._departures)
        self._raised.append(raised)
        return raised

    def lifted(self, because: Iterable[str]) -> None:
        """Note that switches were lifted, named by the reasons they were set for."""
        gone = set(because)
        self._raised = [raised for raised in self._raised if raised.because not in gone]

    # --- What leaves, and what happens. ---

    def left(self, departure: Departure) -> None:
        """Check a request in the step in which its first byte leaves."""
        self._departures += 1
        call_id = departure.outbound.call_id
        trace = self._traces.get(call_id)
        if trace is None or not trace.intents:
            self.broken(1, f"{call_id} left without an intent")
            return
        self._hasty.left(call_id)
        self._left_as_decided(trace, departure)
        self._questions.left(departure.outbound, trace.body, self._proposed.get(call_id))
        declined = self._questions.is_declined(departure.outbound)
        self._left_under_authority(trace, call_id, declined=declined)
        self._left_once(trace, departure)
        trace.departures.append(departure)

    def happened(self, departure: Departure) -> None:
        """Check an effect."""
        self.effects += 1
        call_id = departure.outbound.call_id
        trace = self._traces.get(call_id)
        if trace is None:
            return
        trace.effects += 1
        self._hold(4, f"{call_id} had a second effect", holds=trace.effects == 1)
        self._questions.happened(call_id)
        self._listed(departure, trace)
        self._not_repeated(trace)

    def _left_as_decided(self, trace: Trace, departure: Departure) -> None:
        outbound, body = departure.outbound, trace.body
        pin = self._boundaries[str(body["boundary"])].pins[outbound.tool]
        actor = cast("JsonObject", body["actor"])
        asked = self._proposed.get(outbound.call_id)
        offered = self._questions.offered(body, asked)
        digest = canonical.digest(
            "call",
            {
                "task": body["task"],
                "agent": actor["agent"],
                "requester": body["requester"],
                "system": outbound.system,
                "tool": outbound.tool,
                "pin": pin.digest,
                "args": loads(outbound.arguments, bytes_max=10_000, depth_max=10),
                "meta": outbound.meta,
                "origin": body["origin"],
                "parent": body["parent"],
                **more_of_digest(offered, asked.answers if asked else {}),
            },
        )
        self._hold(2, f"{outbound.call_id} left changed", holds=digest == body["digest"])
        if asked is not None:
            same = canonical.encode(asked.args) == outbound.arguments and asked.tool == trace.tool
            self._hold(2, f"{outbound.call_id} is not what its agent asked for", holds=same)

    def _left_under_authority(self, trace: Trace, call_id: str, *, declined: bool) -> None:
        scopes = trace.scopes
        self._hold(5, f"{call_id} left while {trace.verdict}", holds=trace.verdict == "allow")
        for raised in self._raised:
            if raised.scope in scopes and (raised.verdict is Verdict.REFUSE or not declined):
                self._respected(trace, call_id, raised)
        by_file = set(scopes).intersection(self._stop_scopes())
        self._hold(3, f"{call_id} left under a stop file", holds=not by_file)

    def _respected(self, trace: Trace, call_id: str, raised: Raised) -> None:
        where = f"{call_id} left under {raised.verdict.name.lower()} of {raised.scope}"
        if raised.verdict is Verdict.REFUSE:
            self.broken(3, where)
        elif trace.changes_something:
            released = trace.origin == "release" or raised.verdict is Verdict.ASK
            self._hold(5, where, holds=released and bool(trace.approval))

    def _left_once(self, trace: Trace, departure: Departure) -> None:
        outbound = departure.outbound
        if self._questions.is_declined(outbound):
            stood = not trace.over
            self._hold(13, f"{outbound.call_id} is declined when it is over", holds=stood)
            return
        key = outbound.idempotency_key
        keyed = all(key and key == one.outbound.idempotency_key for one in trace.departures)
        again = keyed or not trace.changes_something
        self._hold(4, f"{outbound.call_id} left twice without a key", holds=again)
        self._hold(4, f"{outbound.call_id} left when it was over", holds=not trace.over)

    def _listed(self, departure: Departure, trace: Trace) -> None:
        if not departure.waited_for:
            return
        call_id, scopes = departure.outbound.call_id, trace.scopes
        for raised in self._raised:
            if raised.verdict is Verdict.REFUSE and raised.listed is not None:
                covered = raised.scope in scopes and raised.after_departure >= departure.number
                listed = not covered or call_id in raised.listed
                self._hold(
                    3, f"{call_id} happened after a stop that had not listed it", holds=listed
                )

    def _not_repeated(self, trace: Trace) -> None:
        twins = self._twins.setdefault((trace.task, trace.digest), [])
        for twin in twins:
            if twin is not trace:
                first, second = sorted((twin, trace), key=lambda one: one.seq)
                told = 0 < first.delivered_seq < second.seq
                self._hold(10, f"{trace.call} repeats {first.call}", holds=told)
        twins.append(trace)

    # --- What becomes durable. ---

    def committed(self, commit: Commit) -> None:
        """Check one commit."""
        for move in commit.moves:
            self._moved(move)
        self._crowds.committed(commit)
        for seq, record in commit.records:
            self.kinds[record.kind] += 1
            self._hold(7, f"entry {seq} is dated back", holds=record.at_us >= self._last_us)
            self._last_us = max(self._last_us, record.at_us)
            reader = self._readers.get(record.kind)
            if reader is not None:
                reader(seq, record)

    def _moved(self, move: Move) -> None:
        before, after = move.before, move.after
        if move.table == "calls":
            state = (after["ending"], after["action"])
            was = (before["ending"], before["action"]) if before else None
            legal = state in NEW if was is None else state in LEGAL.get(was, frozenset()) | {was}
            self._hold(9, f"call {move.id} went from {was!r} to {state!r}", holds=legal)
        if move.table in {"approvals", "drafts"} and before is not None:
            legal = after["state"] in LEGAL_ANSWERS.get(before["state"], frozenset())
            what = f"{move.table} {move.id} went from {before['state']!r} to {after['state']!r}"
            self._hold(9, what, holds=legal)

    def _decided(self, seq: int, record: Record) -> None:
        body = record.body
        trace = self._traces[str(body["call"])] = Trace(body, seq, str(body["verdict"]))
        self._questions.decided(body, changes_something=trace.changes_something)
        if isinstance(body["intent"], dict):
            self._meant({**body, **body["intent"], "approval": ""}, record.at_us)

    def _decided_again(self, _seq: int, record: Record) -> None:
        trace = self._traces[str(record.body["call"])]
        trace.verdict = str(record.body["verdict"])
        trace.given = "allow approval.given" in cast("list[str]", record.body["floors"])

    def _intended(self, _seq: int, record: Record) -> None:
        self._meant(record.body, record.at_us)

    def _meant(self, body: JsonObject, at_us: int) -> None:
        trace = self._traces[str(body["call"])]
        trace.intents += 1
        trace.approval = str(body["approval"])
        trace.reserved = counters(str(name) for name in cast("list[str]", body["reserved"]))
        ahead = self._grants.meant(body, at_us, self._proposed.get(trace.call))
        ahead = self._hasty.past(trace.body, self._proposed.get(trace.call), at_us) or ahead
        self._hasty.meant(trace.call, trace.approval, at_us)
        self._questions.intended(trace.call, approved=bool(trace.approval))
        self._hold(1, f"{trace.call} was intended twice", holds=trace.intents == 1)
        self._hold(1, f"{trace.call} was intended changed", holds=body["digest"] == trace.digest)
        self._hold(5, f"{trace.call} was intended unallowed", holds=trace.verdict == "allow")
        for scope, verdict, _ in self._switches.values():
            stopped = verdict == "refuse" and scope in trace.scopes
            self._hold(3, f"{trace.call} was intended under a stop", holds=not stopped)
        self._within_limits(trace)
        self._within_boundary(trace)
        if not ahead:
            self._approved(trace, at_us)

    def _within_boundary(self, trace: Trace) -> None:
        if not trace.given:
            # Decided again, and allowed without the answer; the entry does not name the boundary.
            return
        asked = self._asked.get(trace.approval)
        decided_under = asked.body["boundary"] if asked else trace.boundary
        active = self._active.get(trace.workflow)
        self._hold(5, f"{trace.call} under {decided_under}", holds=decided_under == active)

    def _within_limits(self, trace: Trace) -> None:
        held_to = {self._active.get(trace.workflow, ""), self._tasks.get(trace.task, "")}
        limits = [
            limit for one in held_to if one for limit in self._boundaries[one].workflow.limits
        ]
        for counter in trace.reserved:
            self._counters[counter] += self._amount(trace, counter)
            at_most = min(limit.at_most for limit in limits if counter.endswith(_tail(limit)))
            self._hold(6, f"{counter} passed {at_most}", holds=self._counters[counter] <= at_most)
        if trace.origin != "gateway":
            self._hold(6, f"{trace.call} reserved nothing", holds=bool(trace.reserved))

    def _held_to(self, decided: JsonObject) -> list[Boundary]:
        """Return the version that counted for a call and the one that its task began under."""
        names = {str(decided["boundary"]), self._tasks.get(str(decided["task"]), "")} - {""}
        return [self._boundaries[name] for name in sorted(names)]

    def _amount(self, trace: Trace, counter: str) -> int:
        """Return what a call adds to a counter, by what its agent asked for."""
        if ":sum:" not in counter:
            return 1
        asked = self._proposed.get(trace.call) or self._proposed.get(trace.parent)
        amount = asked.args.get("refund") if asked else None
        return amount * 10**SUM_DIGITS if isinstance(amount, int) else 0

    def _approved(self, trace: Trace, at_us: int) -> None:
        if not trace.approval or not trace.given:
            self._needed_none(trace)
        if not trace.approval:
            return
        asked = self._asked[trace.approval]
        asked.uses += 1
        body, where = asked.body, f"{trace.call} with {trace.approval}"
        self._hold(5, f"{where}: used twice", holds=asked.uses == 1)
        self._hold(5, f"{where}: for another call", holds=body["call"] == trace.call)
        self._hold(2, f"{where}: for another digest", holds=body["digest"] == trace.digest)
        until_us = self._hasty.until(trace.approval, cast("int", body["expires_us"]))
        self._hold(5, f"{where}: too late", holds=at_us < until_us)
        enough = len(asked.yes) >= cast("int", body["how_many"]) and not asked.no
        self._hold(5, f"{where}: not answered by enough", holds=enough)
        right = all(self._may_answer(name, trace, body) for name in asked.yes)
        self._hold(5, f"{where}: answered by the wrong people", holds=right)

    def _needed_none(self, trace: Trace) -> None:
        edited = trace.origin == "edit"
        self._hold(5, f"{trace.call} was changed and nobody else asked", holds=not edited)
        proposal = self._proposed.get(trace.call)
        if proposal is not None:
            asks = scenery.must_ask(proposal.tool, proposal.args)
            self._hold(5, f"{trace.call} was never asked about", holds=not asks)
        swayed = trace.changes_something and trace.call in self._proposed_influenced
        self._hold(11, f"{trace.call} was influenced and not asked about", holds=not swayed)
        new = trace.changes_something and trace.workflow == "trial"
        self._hold(5, f"{trace.call} of a new agent was no draft", holds=not new)

    def _may_answer(self, name: str, trace: Trace, body: JsonObject) -> bool:
        person = self._people[name]
        holds = person.roles.intersection(cast("list[str]", body["who"]))
        author = name in {trace.requester, self._editors.get(trace.call)}
        return bool(holds and person.public_key) and not author

    def _asked_about(self, _seq: int, record: Record) -> None:
        self._asked[str(record.body["approval"])] = Asked(record.body)

    def _answered(self, _seq: int, record: Record) -> None:
        body = record.body
        asked = self._asked[str(body["approval"])]
        (asked.yes if body["yes"] else asked.no).add(str(body["person"]))
        call = str(body["call"])
        self._grants.answered(body, self._traces[call].body, self._proposed.get(call))
        self._hasty.answered(body)
        if body["kind"] == "edit":
            self._edited(body)

    def _edited(self, body: JsonObject) -> None:
        call_id, fresh_id = str(body["call"]), str(body["as"])
        before = self._traces[call_id]
        self._editors[fresh_id] = str(body["person"])
        self._proposed[fresh_id] = Proposal(
            call_id=fresh_id,
            task_id=before.task,
            tool=before.tool,
            args=self._edits[call_id, str(body["because"])],
            channel="edit",
        )

    def _concluded(self, seq: int, record: Record) -> None:
        body = record.body
        trace = self._traces[str(body["call"])]
        asked = self._questions.was_asked(trace.call)
        self._questions.concluded(body, trace.body, self._proposed.get(trace.call))
        trace.over = trace.over or body["ending"] not in {"waiting", "asked"}
        if body["result"] is not None and trace.origin == "agent":
            self._influenced.add(self._runs[trace.task])
        if body["delivered"]:
            trace.delivered_seq = trace.delivered_seq or seq
        if (body["ending"], body["action"]) == ("refused", "failed") and not asked:
            self._hold(4, f"{trace.call} is refused and left", holds=not trace.departures)
            self._counters.subtract({one: self._amount(trace, one) for one in trace.reserved})
            self._grants.unsent(trace.call)

    def _delivered(self, seq: int, record: Record) -> None:
        trace = self._traces[str(record.body["call"])]
        trace.delivered_seq = trace.delivered_seq or seq

    def _ended_otherwise(self, _seq: int, record: Record) -> None:
        call_id, happened = str(record.body["call"]), record.body.get("happened")
        self._traces[call_id].over = True
        if happened is not None:
            self._questions.told(call_id, "done" if happened else "failed")

    def _switched(self, _seq: int, record: Record) -> None:
        body = record.body
        self._switches[str(body["switch"])] = (
            str(body["scope"]),
            str(body["verdict"]),
            str(body["because"]),
        )
        self._grants.ends(lambda _, grant: str(body["scope"]) in grant.scopes)

    def _closed(self, _seq: int, record: Record) -> None:
        self._grants.ends(lambda _, grant: grant.task == str(record.body["task"]))

    def _taken_back(self, _seq: int, record: Record) -> None:
        self._grants.ends(lambda name, _: name == str(record.body["grant"]))

    def _undone(self, _seq: int, record: Record) -> None:
        self._hasty.undone(record.body)
        self._traces[str(record.body["call"])].over = True

    def _broke(self, _seq: int, record: Record) -> None:
        self._hasty.broke(record.body, record.at_us)

    def _mended(self, _seq: int, record: Record) -> None:
        self._hasty.ended(record.body, record.at_us)

    def _unswitched(self, _seq: int, record: Record) -> None:
        for switch in cast("list[str]", record.body["switches"]):
            self._switches.pop(switch, None)

    def _activated(self, _seq: int, record: Record) -> None:
        self._active[str(record.body["workflow"])] = str(record.body["digest"])
        self._grants.ends(lambda _, grant: grant.workflow == str(record.body["workflow"]))

    def _opened(self, _seq: int, record: Record) -> None:
        body = record.body
        self._tasks[str(body["task"])] = str(body["boundary"])
        self._runs[str(body["task"])] = f"{body['agent']}/{body['instance']}"

    # --- Every step, every crash, every recovery. ---

    def step(self, store: MemoryStore) -> None:
        """Verify what the ledger grew by."""
        links = store.links(self._verified)
        if not links:
            return
        found = ledger.verify(links, after=self._heads)
        self._heads = found.heads
        self._verified += len(links)
        self._hold(7, f"the chain is broken: {found.problems[:1]}", holds=found.intact)

    def crashed(self, store: MemoryStore) -> None:
        """Check what a crash left, and count as set what is on record as set."""
        links = store.links()
        whole = ledger.verify(links)
        self._hold(7, "the chain is broken", holds=whole.intact)
        head = self._heads.get(STREAM)
        kept = head is None or any(link.hash == head.hash for link in links[head.seq - 1 :])
        self._hold(8, "an entry was lost in a crash", holds=kept)
        self._hold(8, "an acknowledged entry was lost", holds=len(links) >= store.acknowledged)
        self._raised = [
            Raised(scope, Verdict[verdict.upper()], because, self._departures)
            for scope, verdict, because in self._switches.values()
        ]

    def recovered(self, store: MemoryStore) -> None:
        """Check that recovery closed every intent and left no call without a way to its end."""
        for fresh_id, editor in self._editors.items():
            made = fresh_id in self._traces
            self._hold(8, f"what {editor} made of a call is lost: {fresh_id}", holds=made)
        asking = {
            str(row["call"])
            for row in store.committed_rows("approvals")
            if row["state"] in {"waiting", "approved"}
        }
        for row in store.committed_rows("calls"):
            call_id = str(row["id"])
            self._hold(9, f"{call_id} is still intended", holds=row["action"] != "intended")
            answer = row["ending"] != "asked" or row["action"] != "sent"
            self._hold(9, f"{call_id} waits for an answer that nobody hears", holds=answer)
            waits = row["ending"] == "waiting" and row["action"] is None
            self._hold(9, f"{call_id} waits for nobody", holds=not waits or call_id in asking)

    def ended(self, store: MemoryStore) -> None:
        """Check, when all is quiet and all questions are over, that every call has ended."""
        for row in store.committed_rows("calls"):
            doubt = row["action"] == "in_doubt"
            over = row["ending"] in {"done", "draft", "refused", "expired", "answered"}
            over = over or (row["ending"], row["action"]) == ("asked", "failed")
            self._hold(9, f"{row['id']!r} never ended: {row['ending']!r}", holds=over or doubt)
        for call_id, trace in self._traces.items():
            done = any(departure.arrived for departure in trace.departures)
            known = done or trace.effects == 0
            self._hold(4, f"{call_id} happened by itself", holds=known)


def _tail(limit: Limit) -> str:
    """Return how the names of a limit's counters end."""
    return ":" + ":".join(filter(None, (limit.counts, limit.argument, limit.currency, limit.each)))
