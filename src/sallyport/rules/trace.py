"""One call's life as its eight steps, put together from ledger entries alone.

Each step has its own type and none may be left out: a trace without a step does not type-check. A
step that was not needed says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sallyport.model import Json, JsonObject

_NOTHING: Final[tuple[Json, ...]] = (None, "", [])


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One ledger entry, read: its kind, time and body, and its sealed part if that was opened."""

    seq: int
    kind: str
    at_us: int
    body: JsonObject
    secret: JsonObject | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One of the eight steps: what is known of it, and when it took place."""

    name: str
    at_us: int
    said: str
    facts: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The eight steps of one call. Every field is required."""

    call: str
    request: Step
    context: Step
    proposal: Step
    validation: Step
    approval: Step
    action: Step
    log: Step
    recovery: Step

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps in order."""
        return (
            self.request,
            self.context,
            self.proposal,
            self.validation,
            self.approval,
            self.action,
            self.log,
            self.recovery,
        )


def trace(
    call: str, entries: Iterable[Heard], signatures: Mapping[int, str] | None = None
) -> Trace | None:
    """Return a call's trace from its ledger entries in ledger order; None without a decision.

    Args:
        call: The call.
        entries: Every entry of it.
        signatures: What was found of the signature of each answer, by the number of its entry.
    """
    heard = list(entries)
    decided = _first(heard, "call.decided")
    if decided is None:
        return None
    return Trace(
        call=call,
        request=_request(decided),
        context=_context(decided),
        proposal=_proposal(decided),
        validation=_validation(_last(heard, "call.decided_again") or decided),
        approval=_approval(decided, heard, signatures or {}),
        action=_action(decided, heard),
        log=_log(decided, heard),
        recovery=_recovery(decided, heard),
    )


def _request(decided: Heard) -> Step:
    body = decided.body
    facts = _pick(body, "actor", "requester", "task", "workflow", "channel", "origin", "parent")
    said = f"{_who(body)} asked for {body.get('requester') or 'nobody'} in task {body.get('task')}"
    return _step("request", decided, said, facts)


def _context(decided: Heard) -> Step:
    facts = _pick(decided.body, "context", "boundary")
    if decided.secret is not None:
        facts["seen"] = decided.secret.get("context")
    return _step("context", decided, "one snapshot was taken", facts)


def _proposal(decided: Heard) -> Step:
    facts = _pick(decided.body, "system", "tool", "level", "arguments", "digest", "entry")
    if decided.secret is not None:
        facts["args"] = decided.secret.get("args")
    return _step("proposal", decided, f"{facts['tool']}, level {facts['level']}", facts)


def _validation(decided: Heard) -> Step:
    facts = _pick(decided.body, "verdict", "floors")
    if decided.secret is not None:
        facts["sentences"] = decided.secret.get("sentences")
    return _step("validation", decided, f"verdict {facts['verdict']}", facts)


def _approval(decided: Heard, heard: list[Heard], signatures: Mapping[int, str]) -> Step:
    asked = _last(heard, "approval.asked")
    if asked is None:
        return _unasked(decided)
    answers = [e for e in heard if e.kind == "approval.answered"]
    told: list[Json] = [_told(e, heard, signatures) for e in answers]
    passed: list[Json] = [_told(e, heard, signatures) for e in heard if e.kind == "approval.passed"]
    facts = {**_pick(asked.body, "approval", "who", "how_many", "expires_us"), "answers": told}
    facts |= {"passed_on": passed} if passed else {}
    if _last(heard, "approval.expired") is not None:
        return _step("approval", asked, "expired unanswered", facts)
    undone = _last(heard, "approval.undone")
    if undone is not None:
        facts["undone"] = {**_pick(undone.body, "person"), "because": _because(undone)}
        person = undone.body.get("person")
        return _step("approval", asked, f"{person} took the yes back", facts)
    if not answers:
        return _step("approval", asked, "waits for an answer", facts)
    return _step("approval", asked, _answer(answers[-1].body), facts)


def _unasked(decided: Heard) -> Step:
    """Return the step of a call that asked nobody: it need not, or somebody had said yes before."""
    grant = decided.body.get("grant")
    if not isinstance(grant, dict):
        return _step("approval", decided, "not needed", {})
    said = f"{grant.get('person')} had said yes beforehand, with {grant.get('approval')}"
    return _step("approval", decided, said, {"grant": grant})


def _because(entry: Heard) -> Json:
    return (entry.secret or {}).get("because")


def _answer(last: JsonObject) -> str:
    person = last.get("person")
    match last.get("kind"):
        case "edit":
            return f"{person} changed it"
        case "words":
            return f"{person} wrote back"
        case _:
            return f"{person} said {'yes' if last.get('yes') else 'no'}"


def _told(answered: Heard, heard: list[Heard], signatures: Mapping[int, str]) -> JsonObject:
    """Return one answer: who, with which key, why, how long it took, and whether it is signed."""
    body, secret = answered.body, answered.secret or {}
    asked = next(
        (
            one.at_us
            for one in heard
            if one.kind == "approval.asked" and one.body.get("approval") == body.get("approval")
        ),
        answered.at_us,
    )
    named = ("person", "yes", "kind", "code", "to", "arguments", "as", "key", "at_us")
    more = ("ahead", "grant", "listed")
    return {
        **{name: body[name] for name in (*named, *more) if body.get(name) not in _NOTHING},
        **_pick(body, "confirmed_own", "state"),
        "because": secret.get("because"),
        **({"args": secret["args"]} if "args" in secret else {}),
        "took_us": answered.at_us - asked,
        "signature": signatures.get(answered.seq, "not checked"),
    }


def _action(decided: Heard, heard: list[Heard]) -> Step:
    stored = _last(heard, "draft.stored")
    if stored is not None:
        return _step("action", stored, "stored as a draft", _pick(stored.body, "draft"))
    concluded = _last(heard, "call.concluded")
    intended, meant = _intent(decided, heard)
    if concluded is not None:
        facts = _pick(concluded.body, "ending", "action", "why", "result", "delivered")
        if meant is not None:
            facts |= _pick(meant, "reserved", "image")
        if concluded.secret is not None:
            facts["answer"] = concluded.secret.get("result") or concluded.secret.get("error")
        return _step("action", concluded, _ended(facts), facts)
    if meant is not None:
        return _step("action", intended, "intended, outcome open", _pick(intended.body, "digest"))
    undone = _last(heard, "approval.undone")
    if undone is not None:
        return _step("action", undone, "nothing was done", {"ending": "refused"})
    return _step("action", decided, "nothing was done", {"ending": decided.body.get("ending")})


def _intent(decided: Heard, heard: list[Heard]) -> tuple[Heard, JsonObject | None]:
    """Return the entry that tells of the intent, and what it says; a call allowed at once has one.

    Without an intent, the decision and None.
    """
    intended = _last(heard, "call.intended")
    if intended is not None:
        return intended, intended.body
    meant = decided.body.get("intent")
    return decided, meant if isinstance(meant, dict) else None


def _ended(facts: Mapping[str, Json]) -> str:
    return str(facts.get("action") or facts.get("ending"))


def _log(decided: Heard, heard: list[Heard]) -> Step:
    entries: list[Json] = [{"seq": e.seq, "kind": e.kind, "at_us": e.at_us} for e in heard]
    said = f"{len(heard)} ledger entries, {heard[0].seq} to {heard[-1].seq}"
    return _step("log", decided, said, {"entries": entries})


def _recovery(decided: Heard, heard: list[Heard]) -> Step:
    settled = _last(heard, "call.settled")
    if settled is not None:
        said = "settled by a person"
        return _step("recovery", settled, said, _pick(settled.body, "happened", "by", "because"))
    concluded = _last(heard, "call.concluded")
    if concluded is not None and concluded.body.get("action") == "in_doubt":
        return _step("recovery", concluded, "in doubt: a person has to look", {})
    intended, meant = _intent(decided, heard)
    if meant is not None and meant.get("image"):
        return _step("recovery", intended, "a before-image is kept", _pick(meant, "image"))
    return _step("recovery", decided, "nothing to recover", {})


def _who(body: JsonObject) -> str:
    actor = body.get("actor")
    if not isinstance(actor, dict):
        return "somebody"
    return f"{actor.get('type')} {actor.get('agent')} (run {actor.get('instance')})"


def _pick(body: JsonObject, *names: str) -> JsonObject:
    return {name: body.get(name) for name in names}


def _step(name: str, entry: Heard, said: str, facts: Mapping[str, Json]) -> Step:
    return Step(name=name, at_us=entry.at_us, said=said, facts=facts)


def _first(heard: list[Heard], kind: str) -> Heard | None:
    return next((e for e in heard if e.kind == kind), None)


def _last(heard: list[Heard], kind: str) -> Heard | None:
    return next((e for e in reversed(heard) if e.kind == kind), None)
