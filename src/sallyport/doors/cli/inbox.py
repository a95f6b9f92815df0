"""What waits for people, and their answers.

Whoever says yes signs what was shown: the bytes that are signed are made from the same object that
the screen was written from, and every argument stands there complete.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import typer

from sallyport.adapters.host.clock import SystemClock
from sallyport.doors.cli import attention, keys, plain, screen, undoing
from sallyport.doors.cli.common import (
    AsOption,
    BecauseOption,
    Here,
    HomeOption,
    JsonOption,
    YesOption,
    alone,
    pairs,
    reasoned,
)
from sallyport.doors.cli.lists import (
    FreeOption,
    MinutesOption,
    NextOption,
    ahead,
    batch,
    grants,
    revoke,
)
from sallyport.doors.connect.parties import Gateway, objects, signed, texts
from sallyport.errors import BadInputError, ConflictError, InvariantError
from sallyport.model import Approval, ApprovalState, Json, JsonObject, Question
from sallyport.rules import approval_object, canonical, flags
from sallyport.rules.answering import PASSES, REASONS, Kind, Said, signed_part
from sallyport.rules.approval import said_by
from sallyport.rules.times import SECOND_US, utc

OUTCOME_S = 20.0
POLL_S = 0.1
TELLING_MAX = 2
TELLING_LETTERS_MAX = 40

app = typer.Typer(rich_markup_mode=None)

Id = Annotated[str, typer.Argument(help="The id that `sallyport inbox` lists.", metavar="ID")]
DraftId = Annotated[str, typer.Argument(help="The draft's id.", metavar="DRAFT")]


@app.callback(invoke_without_command=True)
def inbox(ctx: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List what waits for you; look at it, answer it.

    Questions, what needs a human, drafts, and calls in doubt.

    Example: sallyport inbox
    """
    if not alone(ctx, home, as_json):
        return
    here = Here(home, as_json)
    answer = here.gateway.get("inbox")
    items = objects(answer, "items")
    now_us = SystemClock().now_us()
    several = len({str(item.get("agent")) for item in items}) > 1
    heads = ("id", "what", "call", *(["agent"] if several else []), "for", "left")
    rows = [_row(item, now_us, heads) for item in items]
    lines = screen.table(heads, rows, nothing="nothing waits")
    more = ["", "look at one: sallyport inbox show ID"] if items else []
    here.show(answer, [*undoing.cooling(answer), *undoing.waiting(answer), *lines, *more])


@app.command()
def show(item_id: Id, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show one thing that waits, complete.

    Example: sallyport inbox show a0001
    """
    here = Here(home, as_json)
    item = here.gateway.get(f"inbox/{item_id}")
    here.show(item, [*shown(item), "", *what_next(item)])


@app.command()
def yes(
    item_id: Id,
    *,
    because: BecauseOption = "",
    more: NextOption = 0,
    minutes: MinutesOption = 60,
    free: FreeOption = None,
    typed: Annotated[
        str,
        typer.Option("--type", help="What it asks you to type, if it does.", metavar="VALUE"),
    ] = "",
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
    sure: YesOption = False,
) -> None:
    """Say yes to a question, signed with your key over what is shown.

    For what nobody can take back you type one value of it first.

    With --next, also to so many more calls of this kind on this task, which then ask nobody; what
    decides whom it is about stays as it is, and `sallyport inbox revoke` ends it.

    Example: sallyport inbox yes a0001 --because "the customer called"
    """
    said = Said(kind=Kind.APPROVE, because=because, ahead=ahead(more, minutes, free), typed=typed)
    _answer(Here(home, as_json), item_id, said, who=who, sure=sure)


@app.command()
def no(
    item_id: Id,
    *,
    because: BecauseOption = "",
    reason: Annotated[
        str, typer.Option(help=f"One of: {', '.join(REASONS)}.", metavar="CODE")
    ] = "other",
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say no to a question; the agent is told why.

    Example: sallyport inbox no a0001 --reason wrong_target --because "not our customer"
    """
    said = Said(kind=Kind.REJECT, because=reasoned(because), code=_code(reason))
    _answer(Here(home, as_json), item_id, said, who=who, sure=True)


@app.command()
def change(
    item_id: Id,
    args: Annotated[
        list[str] | None, typer.Argument(help="What is changed: name=text or name:=json.")
    ] = None,
    *,
    words: Annotated[
        str, typer.Option(help="Words to the agent, in place of new values.", metavar="TEXT")
    ] = "",
    without: Annotated[
        list[str] | None, typer.Option(help="An argument to leave out.", metavar="NAME")
    ] = None,
    because: BecauseOption = "",
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
    sure: YesOption = False,
) -> None:
    """Change a call that waits, or write back to its agent.

    With new values it is a new call in your name: decided anew, and somebody else answers it.

    Example: sallyport inbox change a0001 refund:=30.00 --because "the voucher covers the rest"
    """
    here = Here(home, as_json)
    if bool(words) is bool(args or without):
        raise BadInputError(
            "give new values, or words to the agent", fix='write name=text, or --words "…"'
        )
    if words:
        said = Said(kind=Kind.WORDS, because=words)
    else:
        now = _object(here.gateway.get(f"inbox/{item_id}"), "args")
        kept = {name: value for name, value in now.items() if name not in (without or ())}
        said = Said(kind=Kind.EDIT, because=because, args={**kept, **pairs(args or ())})
    _answer(here, item_id, said, who=who, sure=sure)


@app.command(name="pass")
def pass_on(
    item_id: Id,
    *,
    to: Annotated[str, typer.Option(help="The person or role to hand it to.", metavar="WHO")] = "",
    escalate: Annotated[bool, typer.Option("--escalate", help="It needs somebody above.")] = False,
    because: BecauseOption = "",
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pass a question on: it goes on waiting, and nobody gets a right by it.

    Without an option you say that it is not yours.

    Example: sallyport inbox pass a0001 --to support_lead --because "I do not know this customer"
    """
    if to and escalate:
        raise BadInputError("it is handed over or escalated, not both", fix="give one of the two")
    kind = Kind.HAND_OVER if to else (Kind.ESCALATE if escalate else Kind.NOT_MINE)
    said = Said(kind=kind, because=because, to=to)
    _answer(Here(home, as_json), item_id, said, who=who, sure=True)


@app.command()
def decide(
    item_id: Id,
    *,
    because: BecauseOption = "",
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Close a question that needs a human, whose call is over without an answer of theirs.

    Example: sallyport inbox decide a0001 --because "looked at it: the filing was withdrawn"
    """
    here = Here(home, as_json)
    details = flags.details(item_id, reasoned(because))
    body: JsonObject = {**details, "signed": signed(keys.open_key(who), flags.VERB, details)}
    here.show(here.gateway.post("decide", body), [f"{item_id} is decided, and on record"])


@app.command()
def release(
    draft: DraftId,
    args: Annotated[
        list[str] | None, typer.Argument(help="What is changed: name=text or name:=json.")
    ] = None,
    *,
    without: Annotated[
        list[str] | None, typer.Option(help="An argument to leave out.", metavar="NAME")
    ] = None,
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
    sure: YesOption = False,
) -> None:
    """Propose a draft anew; it is decided anew, and asks.

    With other values it is yours: somebody else answers it.

    Example: sallyport inbox release d0001 status=pending
    """
    here = Here(home, as_json)
    gateway = here.gateway
    item = gateway.get(f"inbox/{draft}")
    details: JsonObject = {"draft": draft}
    if args or without:
        now = _object(item, "args")
        kept = {name: value for name, value in now.items() if name not in (without or ())}
        details["args"] = item["args"] = {**kept, **pairs(args or ())}
    _look(here, item, "Propose this now?", sure=sure)
    body: JsonObject = {**details, "signed": signed(keys.open_key(who), "release", details)}
    answer = gateway.post("release", body)
    asks = answer.get("approval")
    lines = [f"{answer.get('ending')}: call {answer.get('call')}"]
    lines += [f"  - {plain.inert(one)}" for one in texts(answer.get("sentences"))]
    if isinstance(asks, dict):
        lines.append(f"it asks now: sallyport inbox yes {asks.get('id')}")
    here.show(answer, lines)
    if answer.get("ending") == "refused":
        raise typer.Exit(1)


@app.command()
def discard(
    draft: DraftId, who: AsOption = "", home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Throw a draft away; the log keeps that it was there.

    Example: sallyport inbox discard d0001
    """
    here = Here(home, as_json)
    details: JsonObject = {"draft": draft}
    statement_of: JsonObject = {**details, "signed": signed(keys.open_key(who), "discard", details)}
    answer = here.gateway.post("discard", statement_of)
    here.show(answer, [f"draft {draft} is thrown away"])


@app.command()
def settle(
    call: Annotated[str, typer.Argument(help="The call in doubt.", metavar="CALL")],
    what: Annotated[str, typer.Argument(help="`happened` or `not`.", metavar="happened|not")],
    *,
    because: BecauseOption = "",
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what became of a call in doubt, once you looked in the system itself.

    Example: sallyport inbox settle c0001 happened --because "the refund is in the ledger"
    """
    if what not in {"happened", "not"}:
        raise BadInputError(
            f"`{what[:40]}` is neither happened nor not", fix="write one of the two"
        )
    here = Here(home, as_json)
    details: JsonObject = {
        "call": call,
        "happened": what == "happened",
        "because": reasoned(because),
    }
    body: JsonObject = {**details, "signed": signed(keys.open_key(who), "settle", details)}
    answer = here.gateway.post("settle", body)
    here.show(answer, [f"call {call} is settled: {answer.get('action')}"])


app.command()(undoing.undo)
app.command()(batch)
app.command()(grants)
app.command()(revoke)
app.command()(attention.team)


def shown(item: JsonObject) -> Iterator[str]:
    """Yield everything that a person decides by, one line after the other, nothing cut."""
    text = {name: plain.inert(str(value)) for name, value in item.items()}
    yield _sentence(item)
    yield ""
    reasons = texts(item.get("sentences"))
    if reasons:
        yield "why:"
        yield from (f"  - {plain.inert(one)}" for one in reasons)
    yield from _arguments(item)
    yield from _taking_back(item)
    meta = item.get("meta")
    if isinstance(meta, dict) and meta:
        yield from _table("sent along", meta)
    image = _object(item, "image")
    if image:
        yield from _table("as it is now", image)
    yield from _preview(item)
    yield f"asked by agent {text.get('agent')} for {text.get('requester')}"
    yield f"workflow {text.get('workflow')}, task {text.get('task')}"
    yield f"call {text.get('call')}"
    yield from _question(item)


def _preview(item: JsonObject) -> Iterator[str]:
    """Yield what the call would change, each field now and after it."""
    changed = [one for one in objects(item, "preview") if not one.get("same")]
    if not changed:
        return
    yield "what it changes:"
    for one in changed:
        now = canonical.text(one.get("now")) if one.get("known") else "(nothing)"
        after = canonical.text(one.get("after"))
        yield f"  {plain.inert(str(one.get('field')))}: {plain.inert(f'{now} -> {after}')}"


def approval_of(item: JsonObject, item_id: str) -> Approval:
    """Return the question that an item shows, from what it binds.

    Raises:
        ConflictError: There is no question to answer.
        InvariantError: What is bound is not what is shown.
    """
    bound = item.get("statement_of")
    if not isinstance(bound, dict) or item.get("kind") != "question":
        raise ConflictError(
            f"`{item_id[:60]}` is no question", fix="a draft is released, a doubt is settled"
        )
    shown_who, how_many, until = item.get("who"), item.get("how_many"), item.get("expires_us")
    same = bound.get("id") == item_id and bound.get("call") == item.get("call")
    same = same and bound.get("who") == shown_who and bound.get("how_many") == how_many
    if not same or bound.get("expires_us") != until or not isinstance(until, int):
        raise InvariantError("the question that would be signed is not the one that is shown")
    about, made = str(bound.get("about", "")), item.get("object")
    if about and about != (approval_object.digest(made) if isinstance(made, dict) else ""):
        raise InvariantError("what would be signed is not the object that is shown")
    question = Question(
        who=tuple(texts(shown_who)), how_many=how_many if isinstance(how_many, int) else 1
    )
    return Approval(
        id=item_id,
        call_id=str(bound.get("call")),
        digest=str(bound.get("digest")),
        boundary=str(bound.get("boundary")),
        question=question,
        state=ApprovalState.WAITING,
        asked_us=0,
        expires_us=until,
        target=str(bound.get("target")),
        about=about,
    )


def _answer(here: Here, item_id: str, said: Said, *, who: str, sure: bool) -> None:
    gateway = here.gateway
    item = gateway.get(f"inbox/{item_id}")
    approval = approval_of(item, item_id)
    stopped = stopped_by(gateway, item) if said.yes else ""
    if stopped:
        here.say(f"{stopped} is stopped: a yes now is spent, and the call is refused all the same")
        here.say("answer after the stop is lifted: `sallyport resume`")
    _look(here, item, _SURE.get(said.kind, "Say this?"), sure=sure)
    said = _typed(here, item, said, sure=sure)
    person = keys.open_key(who)
    at_us = SystemClock().now_us()
    statement = said_by(approval, said, person=person.name, at_us=at_us)
    part = signed_part(said, person=person.name, at_us=at_us)
    body: JsonObject = {**part, "approval": approval.id, "signature": person.sign(statement)}
    answer = gateway.post("answer", body)
    if answer.get("state") == ApprovalState.APPROVED.value and not answer.get("not_before_us"):
        answer["outcome"] = _outcome(gateway, approval.call_id)
    here.show(answer, ["", *after(answer, said.kind)])
    outcome = answer.get("outcome")
    if isinstance(outcome, dict) and outcome.get("ending") in {"refused", "expired"}:
        raise typer.Exit(1)


def _typed(here: Here, item: JsonObject, said: Said, *, sure: bool) -> Said:
    """Return a yes with what has to be typed for it, asked for where it was not given."""
    wanted = item.get("confirm")
    if not said.yes or said.typed or not isinstance(wanted, dict) or sure:
        return said
    name = plain.inert(str(wanted.get("name")))
    found = typer.prompt(f"It cannot be taken back. Type `{name}` as shown", err=here.as_json)
    return replace(said, typed=str(found).strip())


_SURE: Mapping[Kind, str] = {
    Kind.APPROVE: "Say yes to exactly this?",
    Kind.EDIT: "Propose this in place of what is shown?",
    Kind.WORDS: "Send it back with these words?",
}


_DID: Mapping[str, str] = {"edit": "changed it", "words": "sent words to the agent"}


def _code(reason: str) -> str:
    if reason not in REASONS:
        raise BadInputError(
            f"`{reason[:40]}` is no reason to reject", fix=f"use one of {', '.join(REASONS)}"
        )
    return reason


def stopped_by(gateway: Gateway, item: JsonObject) -> str:
    """Return what is stopped that the item's call belongs to, or nothing."""
    status = gateway.get("status")
    parts = ("agent", "workflow", "system", "tool")
    scopes = {"everything", *(f"{part}:{item.get(part)}" for part in parts)}
    set_by_hand = objects(status, "switches")
    stopped = [str(one.get("scope")) for one in set_by_hand if one.get("verdict") == "refuse"]
    found = [one for one in (*texts(status.get("stop_file")), *stopped) if one in scopes]
    return plain.inert(found[0]) if found else ""


def _look(here: Here, item: JsonObject, question: str, *, sure: bool) -> None:
    """Show what is about to be answered; at a terminal, ask once more."""
    for line in shown(item):
        here.say(line)
    if not sure and sys.stdin.isatty() and not here.agrees(question):
        here.say("nothing was answered")
        raise typer.Exit(1)


def _outcome(gateway: Gateway, call: str) -> JsonObject:
    """Return how an approved call ended, waiting for it a little."""
    until = time.monotonic() + OUTCOME_S
    answer = gateway.get(f"calls/{call}")
    while answer.get("ending") == "waiting" and time.monotonic() < until:
        time.sleep(POLL_S)
        answer = gateway.get(f"calls/{call}")
    return answer


def after(answer: JsonObject, kind: Kind = Kind.APPROVE) -> Iterator[str]:
    """Yield what came of an answer: of the question, and of the call if it went on."""
    exercise = answer.get("exercise")
    if isinstance(exercise, dict):
        yield from attention.exercised(exercise)
        return
    if kind in PASSES:
        yield f"passed on: {answer.get('approval')} goes on waiting"
        return
    yield f"answered: {answer.get('approval')} is {answer.get('state')}"
    edited = answer.get("edited")
    if isinstance(edited, dict):
        yield f"your call {edited.get('call')}: {edited.get('ending')}"
        yield from (f"  - {plain.inert(one)}" for one in texts(edited.get("sentences")))
        if edited.get("approval"):
            yield f"somebody else answers it: sallyport inbox yes {edited.get('approval')}"
    outcome = answer.get("outcome")
    if isinstance(outcome, dict):
        ending, action = outcome.get("ending"), outcome.get("action")
        known = f", {action}" if action and action != ending else ""
        yield f"the call {outcome.get('call')}: {ending}{known}"
        if outcome.get("ending") != "done" and outcome.get("text"):
            yield plain.inert(str(outcome["text"]), lines=True)
    elif answer.get("state") == "waiting":
        yield "more people must say yes"
    else:
        yield from undoing.leaves(answer)


def _row(item: JsonObject, now_us: int, heads: Sequence[str]) -> list[str]:
    until = item.get("expires_us") if item.get("kind") == "question" else 0
    cells = {
        "id": str(item.get("id", "")),
        "what": str(item.get("kind", "")).replace("_", " "),
        "call": f"{item.get('tool')} {telling(item)}".rstrip(),
        "agent": str(item.get("agent", "")),
        "for": str(item.get("requester", "")),
        "left": _left(until - now_us) if isinstance(until, int) and until else "-",
    }
    return [cells[head] for head in heads]


def telling(item: JsonObject) -> str:
    """Return the arguments to sort the list by eye: a few, short, and \u2026 for what is left out.

    Those that decide whom or how much come first, then numbers, then what looks like an address or
    a number of something. This is a hint and no more: whoever answers is shown all, complete.
    """
    args, amounts, critical = _object(item, "args"), _object(item, "amounts"), _critical(item)
    others = sorted((name for name in args if name not in critical), key=lambda n: _rank(args[n]))
    first = [name for name in (*critical, *others) if _is_short(args[name])][:TELLING_MAX]
    said = [f"{plain.inert(name)}={_told(name, args, amounts)}" for name in first]
    return " ".join([*said, *(["\u2026"] if len(first) < len(args) else [])])


def _told(name: str, args: JsonObject, amounts: JsonObject) -> str:
    return plain.value(amounts[name]) if name in amounts else plain.argument(args[name])


def _is_short(value: Json) -> bool:
    if value is None or isinstance(value, dict | list):
        return False
    return len(plain.value(value)) <= TELLING_LETTERS_MAX and "\n" not in str(value)


def _rank(value: Json) -> int:
    if not isinstance(value, str | bool):
        return 0
    return 1 if any(letter.isdigit() or letter in "@/" for letter in str(value)) else 2


def _left(us: int) -> str:
    minutes = max(us, 0) // (60 * SECOND_US)
    days, hours = minutes // (24 * 60), minutes // 60
    if days:
        return f"{days} d {hours % 24} h"
    return f"{hours} h {minutes % 60} m" if hours else f"{minutes} m"


def _sentence(item: JsonObject) -> str:
    tool, system, level = (plain.inert(str(item.get(n))) for n in ("tool", "system", "level"))
    match item.get("kind"):
        case "question":
            many = item.get("how_many")
            after = f"{many} yeses" if isinstance(many, int) and many > 1 else "a yes"
            return f"After {after}, Sallyport calls {tool} of {system} ({level}) with exactly this."
        case "flagged":
            who = plain.inert(" or ".join(texts(item.get("who"))) or "nobody")
            return (
                f"{tool} of {system} ({level}) is over, and nothing was done. It needs a human: it "
                f"stays here until {who} has decided."
            )
        case "draft":
            return f"A draft of {tool} of {system} ({level}). It has had no effect."
        case _:
            return (
                f"{tool} of {system} ({level}) was sent and no usable answer came back: it may or "
                "may not have happened."
            )


def _arguments(item: JsonObject) -> Iterator[str]:
    """Yield every argument as it will be sent; what decides whom or how much stands first."""
    args, amounts, critical = _object(item, "args"), _object(item, "amounts"), _critical(item)
    if not critical:
        yield from _table("arguments", args, amounts)
        return
    yield from _table("whom or how much", {name: args[name] for name in critical}, amounts)
    others = {name: value for name, value in args.items() if name not in critical}
    yield from _table("other arguments", others, amounts)


def _critical(item: JsonObject) -> list[str]:
    args = _object(item, "args")
    return [name for name in texts(item.get("critical")) if name in args]


def _taking_back(item: JsonObject) -> Iterator[str]:
    undo = plain.inert(str(item.get("undo") or ""))
    match item.get("reversible"):
        case "true":
            yield f"it can be taken back{f' with {undo}' if undo else ''}"
        case "by_hand":
            yield "it can be taken back by people alone, in the system itself"
        case "false":
            yield "nobody can take it back"
        case _:
            return


def _object(item: JsonObject, name: str) -> JsonObject:
    found = item.get(name)
    return found if isinstance(found, dict) else {}


def _table(title: str, values: JsonObject, amounts: JsonObject | None = None) -> Iterator[str]:
    yield f"{title}:" if values else f"{title}: none"
    for name, value in values.items():
        said = plain.block(plain.argument(value), "    ")
        amount = (amounts or {}).get(name)
        meant = f"{plain.value(amount)}, sent as {said}" if amount is not None else said
        yield f"  {plain.inert(name)}: {meant}"


def _did(answer: JsonObject) -> str:
    kind = str(answer.get("kind") or "")
    return _DID.get(kind, "said yes" if answer.get("yes") else "said no")


def _question(item: JsonObject) -> Iterator[str]:
    bound = item.get("statement_of")
    if not isinstance(bound, dict):
        return
    until = item.get("expires_us")
    who = plain.inert(" or ".join(texts(item.get("who"))) or "nobody")
    yield f"who may answer: {who}; {item.get('how_many')} needed"
    yield f"until: {utc(until) if isinstance(until, int) else '-'}"
    for one in objects(item, "answers"):
        person, because = (plain.inert(str(one.get(key) or "")) for key in ("person", "because"))
        yield f"{person} {_did(one)}{f': {because}' if because else ''}"
    for one in objects(item, "passed"):
        how, person, to = (plain.inert(str(one.get(key))) for key in ("how", "person", "to"))
        yield f"passed on by {person}: {how.replace('_', ' ')} {to}".rstrip()
    changed = texts(item.get("changed"))
    if changed:
        yield f"asked before, and meanwhile: {'; '.join(changed)}"
    wanted = item.get("confirm")
    if isinstance(wanted, dict):
        yield f"it cannot be taken back: a yes types {plain.inert(str(wanted.get('name')))}"
    yield from _ahead(item)
    yield f"digest: {bound.get('about')}"
    yield f"boundary: {bound.get('boundary')}"


def _ahead(item: JsonObject) -> Iterator[str]:
    """Yield what a yes may cover besides, where it may."""
    offered = _object(item, "ahead")
    if not offered or offered.get("why_not"):
        return
    free = ", ".join(plain.inert(name) for name in texts(offered.get("free"))) or "nothing"
    most, hours = offered.get("calls_max"), offered.get("hours_max")
    yield f"a yes may cover up to {most} more, within {hours} h; may differ: {free}"


def what_next(item: JsonObject) -> list[str]:
    """Return the commands by which one thing that waits goes on."""
    item_id = item.get("id")
    match item.get("kind"):
        case "question":
            return [
                f"answer: sallyport inbox yes {item_id}",
                f'    or: sallyport inbox no {item_id} --because "…"',
                f'    or: sallyport inbox change {item_id} name=value, or --words "…"',
                f"    or: sallyport inbox pass {item_id} --to WHO, or --escalate",
            ]
        case "flagged":
            return [f'sallyport inbox decide {item_id} --because "…"']
        case "draft":
            return [f"sallyport inbox release {item_id}, or discard {item_id}"]
        case _:
            return [f'sallyport inbox settle {item_id} happened|not --because "…"']
