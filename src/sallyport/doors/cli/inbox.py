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
from sallyport.doors.cli.items import row, shown, what_next
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
from sallyport.model import Approval, ApprovalState, JsonObject, Question
from sallyport.rules import approval_object, flags
from sallyport.rules.answering import PASSES, REASONS, Kind, Said, signed_part
from sallyport.rules.approval import said_by

OUTCOME_S = 20.0
POLL_S = 0.1

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
    rows = [row(item, now_us, heads) for item in items]
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
        item = here.gateway.get(f"inbox/{item_id}")
        said = Said(kind=Kind.EDIT, because=because, args=_with(item, args, without))
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
        details["args"] = item["args"] = _with(item, args, without)
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


def _with(
    item: JsonObject, args: Sequence[str] | None, without: Sequence[str] | None
) -> JsonObject:
    """Return an item's arguments with some others, and without some."""
    now = item.get("args")
    kept = now if isinstance(now, dict) else {}
    return {
        **{name: value for name, value in kept.items() if name not in (without or ())},
        **pairs(args or ()),
    }


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
