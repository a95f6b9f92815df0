"""Events into what is durable: the rows they change and the ledger entries that tell of them.

Rules:
  1. The clear part of an entry has ids, names, codes, states and digests; never an argument's
     value, a result or a sentence that repeats one. Those are sealed, and the entry commits to
     them, so that they can be erased while the entry still verifies.
  2. Whatever changes a row also writes an entry, in the same commit.
  3. No entry is dated before the last one, whatever the clock says.
  4. A call that is allowed at once has one entry before its effect, which tells of the decision and
     of the intent. Any other intent has an entry of its own.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sallyport.flow import rows
from sallyport.flow.outside import Outside
from sallyport.model import (
    ApprovalState,
    Asks,
    Call,
    Decision,
    Ending,
    Floor,
    Json,
    JsonObject,
    Origin,
    Switch,
    Verdict,
)
from sallyport.ports import Append, Change, Fence, Insert, Payload, Record, Reserve, Row, Update
from sallyport.rules import asking, canonical, flags, reasons
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
from sallyport.rules.notices import concerns_people


@dataclass(slots=True)
class Draught:
    """An append in the making."""

    at_us: int
    records: list[Record] = field(default_factory=list[Record])
    changes: list[Change] = field(default_factory=list[Change])

    def done(self, fence: Fence | None = None) -> Append:
        """Return the append."""
        return Append(records=tuple(self.records), changes=tuple(self.changes), fence=fence)


QUIET = frozenset(
    {
        *("call.decided", "call.intended", "call.concluded", "call.delivered"),
        *("approval.shown", "page.shown", "session.begun", "session.ended"),
        *("notice.delivered", "notice.dropped", "notice.tested", "identity.kept"),
        "notice.reminded",
    }
)
"""Kinds of entries that change nothing that anybody waits for."""


class Evidence:
    """Writes down what happened. Holds nothing but the ports and the last time it used."""

    def __init__(self, outside: Outside, last_us: int = 0) -> None:
        self._outside = outside
        self._last_us = last_us
        self.turns = 0
        """How often something happened that changes what waits for people or is in force."""
        self.tell: Callable[[Draught, Record], None] | None = None
        """Adds to an append what its last entry tells people, where there is a way to tell them."""

    def now_us(self) -> int:
        """Return the later of the clock and the last entry: time never runs backwards here."""
        self._last_us = max(self._last_us, self._outside.clock.now_us())
        return self._last_us

    def draught(self) -> Draught:
        """Return an empty append, dated now."""
        return Draught(at_us=self.now_us())

    def note(
        self,
        draught: Draught,
        kind: str,
        body: JsonObject,
        *,
        index: dict[str, str] | None = None,
        secret: JsonObject | None = None,
    ) -> None:
        """Add an entry: `body` in clear, `secret` sealed and committed to."""
        self.turns += kind not in QUIET
        draught.records.append(
            Record(
                kind=kind,
                at_us=draught.at_us,
                body=body,
                index=index or {},
                payload=self._payload(secret) if secret is not None else None,
            )
        )
        if self.tell is not None and concerns_people(kind, body):
            self.tell(draught, draught.records[-1])

    def of(self, events: Iterable[Event], *, listening: bool) -> Draught:
        """Return the append for a call's events.

        Args:
            events: What to write down, in order.
            listening: Whether the asker is still there to get the result now.
        """
        draught = self.draught()
        told = tuple(events)
        at_once = _at_once(told)
        for event in told:
            match event:
                case Decided():
                    self._decided(draught, event, at_once)
                case DecidedAgain():
                    self._decided_again(draught, event)
                case Asked():
                    self._asked(draught, event)
                case Stored():
                    self._stored(draught, event)
                case Intended() if event is not at_once:
                    self._intended(draught, event)
                case Concluded():
                    self._concluded(draught, event, listening=listening)
                case Influenced():
                    self._influenced(draught, event)
                case _:
                    continue
        return draught

    def _decided(self, draught: Draught, event: Decided, intent: Intended | None) -> None:
        call = event.call
        vault, floors = self._outside.vault, event.decision.floors
        codes = canonical.text(_codes(floors))
        row = dict(rows.call_row(call, vault, reasons=codes, at_us=draught.at_us))
        if call.approval_id:
            row["result"] = rows.kept_bytes(call.id, vault, floors=floors)
        draught.changes.append(Insert("calls", row))
        self.turns += bool(event.decision.grant)
        self.note(
            draught,
            "call.decided",
            {
                **_who_and_what(call),
                **_found(event.decision),
                "context": event.context.digest(),
                "intent": None if intent is None else self._meant(draught, intent),
                **_beforehand(event),
            },
            index=index_of(call),
            secret={
                "args": call.proposal.args,
                "meta": call.proposal.meta,
                "answers": call.proposal.answers,
                "context": canonical.ready(event.context.said),
                "sentences": _sentences(event.decision.floors),
            },
        )

    def _decided_again(self, draught: Draught, event: DecidedAgain) -> None:
        if event.decision.verdict > Verdict.ASK and event.call.approval_id:
            draught.changes.append(_stale(event.call.approval_id, draught))
        self.note(
            draught,
            "call.decided_again",
            {
                "call": event.call.id,
                "boundary": event.context.active.digest if event.context.active else "",
                **_found(event.decision),
                "context": event.context.digest(),
            },
            index=index_of(event.call) | {"verdict": event.decision.verdict.name.lower()},
            secret={
                "context": canonical.ready(event.context.said),
                "sentences": _sentences(event.decision.floors),
            },
        )

    def _asked(self, draught: Draught, event: Asked) -> None:
        approval = event.approval
        if event.again:
            draught.changes.append(_stale(event.again, draught))
            draught.changes.append(
                _move(
                    "calls",
                    approval.call_id,
                    draught,
                    {"approval": approval.id, "ending": Ending.WAITING.value},
                    expect={"ending": Ending.WAITING.value, "action": None},
                )
            )
        draught.changes.append(
            Insert("approvals", rows.approval_row(approval, self._outside.vault))
        )
        if flags.is_flagged(approval):
            row: Row = {
                "id": approval.id,
                "call": approval.call_id,
                "state": "open",
                "changed_us": draught.at_us,
            }
            draught.changes.append(Insert("flagged", row))
        self.note(
            draught,
            "approval.asked",
            {
                "call": approval.call_id,
                "approval": approval.id,
                "digest": approval.digest,
                "about": approval.about,
                "boundary": approval.boundary,
                "target": approval.target,
                "who": list(approval.question.who),
                "how_many": approval.question.how_many,
                "expires_us": approval.expires_us,
                "replaces": event.again,
            },
            index={"call": approval.call_id},
            secret={"object": approval.object},
        )

    def _stored(self, draught: Draught, event: Stored) -> None:
        draft = event.draft
        draught.changes.append(Insert("drafts", rows.draft_row(draft)))
        self.note(
            draught,
            "draft.stored",
            {"call": draft.call_id, "draft": draft.id, "tool": draft.tool},
            index={"call": draft.call_id, "task": draft.task_id, "tool": draft.tool},
        )

    def _intended(self, draught: Draught, event: Intended) -> None:
        call = event.call
        self.note(
            draught,
            "call.intended",
            {
                "call": call.id,
                "digest": call.digest,
                "approval": event.approval.id if event.approval else "",
                **self._meant(draught, event),
            },
            index=index_of(call),
        )

    def _meant(self, draught: Draught, event: Intended) -> JsonObject:
        """Add what an intent changes, and return what its entry says of that."""
        call = event.call
        for reserved in event.reservations:
            draught.changes.append(Reserve(reserved.counter, reserved.amount, reserved.at_most))
        if event.approval is not None:
            draught.changes += [
                _move(
                    "approvals",
                    event.approval.id,
                    draught,
                    {"state": ApprovalState.USED.value},
                    expect={"state": ApprovalState.APPROVED.value},
                ),
                _move(
                    "calls",
                    call.id,
                    draught,
                    {"action": "intended", "verdict": Verdict.ALLOW.name.lower()},
                    expect={"ending": Ending.WAITING.value, "action": None},
                ),
            ]
        if call.proposal.answers:
            draught.changes.append(_answered(call, draught))
        return {
            "reserved": [r.noted for r in event.reservations],
            "image": self._image(draught, call, event.image),
        }

    def _image(self, draught: Draught, call: Call, image: JsonObject | None) -> str:
        if image is None:
            return ""
        image_id = f"{call.id}.before"
        sealed = self._outside.vault.seal(f"images/{image_id}", canonical.encode(image))
        row: Row = {
            "id": image_id,
            "call": call.id,
            "system": call.system,
            "tool": call.proposal.tool,
            "sealed": sealed,
            "taken_us": draught.at_us,
        }
        draught.changes.append(Insert("images", row))
        return canonical.digest("target", image)

    def _concluded(self, draught: Draught, event: Concluded, *, listening: bool) -> None:
        call = event.call
        result, error = _written(event.result), _written(event.error)
        vault = self._outside.vault
        heard = listening or call.proposal.origin is Origin.GATEWAY or not event.owed
        delivered = heard and call.ending is not Ending.WAITING
        columns: dict[str, str | int | bytes | None] = {
            "ending": call.ending.value,
            "action": call.action.value if call.action else None,
            "delivered": int(delivered),
        }
        if not delivered:
            columns["result"] = rows.kept_bytes(
                call.id, vault, result=event.result, error=event.error, floors=event.why
            )
        if event.asks is not None:
            columns["result"] = rows.kept_bytes(call.id, vault, asks=event.asks)
        if event.why:
            columns["reasons"] = canonical.text(_codes(event.why))
        waiting: dict[str, str | None] = {"ending": event.was.value}
        if call.action is None:
            waiting["action"] = None
        draught.changes.append(_move("calls", call.id, draught, columns, expect=waiting))
        draught.changes += [Reserve(r.counter, -r.amount) for r in event.given_back]
        self.note(
            draught,
            "call.concluded",
            {
                "call": call.id,
                "ending": call.ending.value,
                "action": call.action.value if call.action else None,
                "why": _codes(event.why),
                "result": _shape(event, len(result or error or b"")),
                "delivered": delivered,
            },
            index=index_of(call),
            secret={
                "result": canonical.ready(result) if result else None,
                "error": canonical.ready(error) if error else None,
                **_asked(event.asks),
                "sentences": _sentences(event.why),
            },
        )

    def kept(self, event: Concluded) -> Draught:
        """Write down that an asker left before its result was handed over, and keep the result."""
        call, draught = event.call, self.draught()
        columns: dict[str, str | int | bytes | None] = {"delivered": 0}
        if event.asks is None:
            columns["result"] = rows.kept_bytes(
                call.id,
                self._outside.vault,
                result=event.result,
                error=event.error,
                floors=event.why,
            )
        draught.changes.append(_move("calls", call.id, draught, columns, expect={"delivered": 1}))
        self.note(draught, "call.kept", {"call": call.id}, index=index_of(call))
        return draught

    def _influenced(self, draught: Draught, event: Influenced) -> None:
        run = f"{event.agent}/{event.instance}"
        draught.changes.append(
            Insert(
                "instances",
                {"id": run, "influenced": 1, "since_us": draught.at_us, "source": event.source},
            )
        )
        self.note(
            draught,
            "influence.entered",
            {"agent": event.agent, "instance": event.instance, "source": event.source},
            index={"agent": event.agent, "tool": event.source},
        )

    def switched(self, draught: Draught, switch: Switch, on_wire: list[Json]) -> None:
        """Add a switch that was set: a stop, or a floor."""
        draught.changes.append(Insert("switches", rows.switch_row(switch)))
        self.note(
            draught,
            "switch.set",
            {
                "switch": switch.id,
                "scope": switch.scope,
                "verdict": switch.verdict.name.lower(),
                "because": switch.because,
                "by": switch.by,
                "on_wire": on_wire,
            },
            index={"person": switch.by},
        )

    def _payload(self, secret: JsonObject) -> Payload:
        plain = canonical.encode(secret)
        salt = self._outside.ids.salt()
        commit = hmac.new(salt, plain, hashlib.sha256).hexdigest()
        sealed = self._outside.vault.seal(f"payloads/{commit}", plain)
        return Payload(commit=commit, salt=salt, sealed=sealed)


def _at_once(events: tuple[Event, ...]) -> Intended | None:
    """Return the intent of a call that was allowed as it was proposed."""
    match events:
        case (Decided(), Intended() as intent, *_):
            return intent
        case _:
            return None


def _written(answer: JsonObject | None) -> bytes:
    """Return an answer's canonical bytes; it may be long, so it is written only once."""
    return b"" if answer is None else canonical.encode(answer)


def index_of(call: Call) -> dict[str, str]:
    """Return the columns that a call's entries are searched by."""
    return {
        "call": call.id,
        "task": call.proposal.task_id,
        "agent": call.agent,
        "person": call.requester,
        "tool": call.proposal.tool,
        "workflow": call.workflow,
        "verdict": call.verdict.name.lower(),
    }


def _who_and_what(call: Call) -> JsonObject:
    proposal = call.proposal
    return {
        "call": call.id,
        "actor": {
            "type": "agent" if proposal.origin != "gateway" else "gateway",
            "agent": call.agent,
            "instance": call.instance,
        },
        "task": proposal.task_id,
        "workflow": call.workflow,
        "requester": call.requester,
        "channel": proposal.channel,
        "origin": proposal.origin.value,
        "parent": proposal.parent,
        "by": proposal.by,
        "system": call.system,
        "tool": proposal.tool,
        "level": call.level.name.lower(),
        "arguments": list[Json](sorted(proposal.args)),
        "digest": call.digest,
        "boundary": call.boundary,
        "ending": call.ending.value,
        **({"glass": call.glass} if call.glass else {}),
    }


def _found(decision: Decision) -> JsonObject:
    return {
        "verdict": decision.verdict.name.lower(),
        "floors": _codes(decision.floors),
        "entry": decision.entry,
    }


def _beforehand(event: Decided) -> JsonObject:
    """Name the answer that was given beforehand and that this call left under."""
    grant = event.context.grant
    if grant is None or grant.id != event.decision.grant:
        return {}
    return {"grant": {"id": grant.id, "approval": grant.approval, "person": grant.person}}


def _codes(floors: Iterable[Floor]) -> list[Json]:
    return [f"{floor.verdict.name.lower()} {floor.code}" for floor in floors]


def _sentences(floors: Iterable[Floor]) -> list[Json]:
    return [reasons.say(floor) for floor in floors]


def _shape(event: Concluded, length: int) -> JsonObject | None:
    """Say what kind of answer came, and how big, without a word of it."""
    answer = event.result if event.result is not None else event.error
    if event.asks is not None:
        return {"kind": "asks", "for": asking.named(event.asks), "open": event.asks.open}
    if answer is None:
        return None
    return {
        "kind": "result" if event.result is not None else "error",
        "is_error": event.error is not None or answer.get("isError") is True,
        "bytes": length,
    }


def _asked(asks: Asks | None) -> JsonObject:
    return {} if asks is None else {"asks": asks.requests}


def _answered(call: Call, draught: Draught) -> Update:
    """What was asked is answered once: a second answer finds the question closed."""
    columns: dict[str, str | int | bytes | None] = {"ending": Ending.ANSWERED.value}
    expect = {"ending": Ending.ASKED.value}
    return _move("calls", call.proposal.parent, draught, columns, expect=expect)


def _stale(approval_id: str, draught: Draught) -> Update:
    """An answer that no longer suffices is over, unless it was used or expired meanwhile."""
    columns: dict[str, str | int | bytes | None] = {"state": ApprovalState.STALE.value}
    expect = {"state": ApprovalState.APPROVED.value}
    return _move("approvals", approval_id, draught, columns, expect=expect)


def _move(
    table: str,
    row_id: str,
    draught: Draught,
    columns: dict[str, str | int | bytes | None],
    *,
    expect: Row | None = None,
) -> Update:
    return Update(table, row_id, expect or {}, {**columns, "changed_us": draught.at_us})
