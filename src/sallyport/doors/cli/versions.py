"""Versions of boundaries: sign them, see who signed what, go back, hold to a baseline.

What would be signed is read first, in plain words, with what it changes and what was proved of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated

import typer

from sallyport.doors.cli import keys, plain, screen
from sallyport.doors.cli.common import (
    AsOption,
    BecauseOption,
    Here,
    HomeOption,
    JsonOption,
    YesOption,
    by,
    reasoned,
)
from sallyport.doors.cli.written import (
    DIGITS,
    Files,
    differs,
    errors,
    load_all,
    propose,
    shortened,
)
from sallyport.doors.connect import proposal
from sallyport.doors.connect.parties import objects, signed, texts
from sallyport.errors import BadInputError
from sallyport.model import Json, JsonObject
from sallyport.rules import canonical
from sallyport.rules.times import utc

SOON_US = 60 * 1_000_000
EXAMPLES_MAX = 3

Workflow = Annotated[str, typer.Argument(help="The workflow's name.", metavar="WORKFLOW")]
Number = Annotated[int, typer.Option("--to", help="The version's number, from `history`.", min=1)]
Waits = Annotated[int, typer.Argument(help="The number of a version that waits.", min=1)]
Action = Annotated[str, typer.Argument(help="What to do.", metavar="mark|on|off")]
Marked = Annotated[
    int, typer.Option("--version", help="With mark: a version that was in force.", min=0)
]


def sign(
    files: Files = None,
    *,
    who: AsOption = "",
    because: BecauseOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
    sure: YesOption = False,
) -> None:
    """Sign boundaries: read them in plain words, say yes, sign with your key.

    A version that provably grants nothing new counts once an owner has signed. Any other waits for
    a second person, who runs this command as well and signs the same.

    Example: sallyport boundary sign workflows/customer-support.yaml
    """
    here = Here(home, as_json)
    done: list[Json] = []
    for one in load_all(here.home, files):
        answer = propose(here.gateway, one, because)
        if answer.get("digest") == answer.get("replaces"):
            here.say(f"{one.workflow.name} is in force already as it is written")
            continue
        done.append(_signed(here, answer, who, sure=sure))
    here.show({"signed": done}, [line for one in done for line in _became(one)])


def revert(
    workflow: Workflow,
    to: Number,
    *,
    who: AsOption = "",
    because: BecauseOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
    sure: YesOption = False,
) -> None:
    """Sign what an earlier version said again. It is proved and signed like any other change.

    Example: sallyport boundary revert customer-support --to 3
    """
    here = Here(home, as_json)
    body: JsonObject = {"workflow": workflow, "to": to, "because": because}
    answer = here.gateway.post("boundary/revert", body)
    if answer.get("digest") == answer.get("replaces"):
        here.show(answer, [f"{workflow} is in force already as version {to} has it"])
        return
    done = _signed(here, answer, who, sure=sure)
    here.show({"signed": [done]}, [*_became(done), f"the files in {here.home} are as they were"])


def sign_proposed(here: Here, answer: JsonObject, who: str, *, sure: bool, kept: str) -> None:
    """Show what the gateway proposed, ask, sign it, and say what became of it."""
    done = _signed(here, answer, who, sure=sure)
    here.show({"signed": [done]}, [*_became(done), kept])


def send_back(
    workflow: Workflow,
    version: Waits,
    *,
    who: AsOption = "",
    because: BecauseOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a version that waits back to its author, with why. It never comes into force.

    Example: sallyport boundary send-back customer-support 4 --because "refunds stay at 50 EUR"
    """
    _set_aside(Here(home, as_json), workflow, version, "send_back", because, who)


def withdraw(
    workflow: Workflow,
    version: Waits,
    *,
    who: AsOption = "",
    because: BecauseOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Withdraw a version that waits: by who has signed it, or by an owner.

    Example: sallyport boundary withdraw customer-support 4
    """
    _set_aside(Here(home, as_json), workflow, version, "withdraw", because, who)


def _set_aside(  # noqa: PLR0917 (what both commands say)
    here: Here, workflow: str, version: int, how: str, because: str, who: str
) -> None:
    details: JsonObject = {
        "workflow": workflow,
        "version": version,
        "how": how,
        "because": because,
    }
    body: JsonObject = {**details, "signed": signed(keys.open_key(who), "set-aside", details)}
    answer = here.gateway.post("boundary/aside", body)
    said = "is sent back" if how == "send_back" else "is withdrawn"
    here.show(answer, [f"version {version} of {workflow} {said}; what is in force stays"])


def history(workflow: Workflow, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say which versions a boundary had: who signed when, what was proved, what each changed.

    Example: sallyport boundary history customer-support
    """
    here = Here(home, as_json)
    found = here.gateway.get(f"boundary/history/{workflow}")
    on = found.get("baseline_on") is True
    lines = [line for one in objects(found, "versions") for line in _told(one, on=on)]
    here.show(found, lines)


def baseline(
    workflow: Workflow,
    action: Action,
    *,
    version: Marked = 0,
    who: AsOption = "",
    because: BecauseOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold a workflow to a version that was signed earlier, besides the one in force.

    While it is on, the strictest of both decides each call. An owner marks the version and switches
    it off again; anybody who may stop may switch it on.

    Example: sallyport boundary baseline customer-support on --because "refunds look wrong"
    """
    here = Here(home, as_json)
    if action == "on":
        body: JsonObject = {"workflow": workflow, "because": reasoned(because), "by": by(who)}
        found = here.gateway.post("boundary/baseline/on", body)
        told = f"{workflow} is held to version {found.get('version')} as well, from now on"
    elif action == "off":
        details: JsonObject = {"workflow": workflow, "because": reasoned(because)}
        statement = signed(keys.open_key(who), "baseline-off", details)
        found = here.gateway.post("boundary/baseline/off", {**details, "signed": statement})
        told = f"{workflow} is held to its baseline no more"
    elif action == "mark" and version:
        details = {"workflow": workflow, "version": version}
        statement = signed(keys.open_key(who), "baseline", details)
        found = here.gateway.post("boundary/baseline/mark", {**details, "signed": statement})
        told = f"version {version} is the baseline of {workflow}; it is not on"
    else:
        raise BadInputError(
            f"`{action[:40]}` cannot be done with a baseline",
            fix="use on, off, or mark --version N",
        )
    here.show(found, [told])


# --- Signing. ---


def _signed(here: Here, answer: JsonObject, who: str, *, sure: bool) -> JsonObject:
    """Show what would be signed, ask, sign; return what became of it."""
    _read(here, answer)
    name = answer.get("workflow")
    if not sure and not here.agrees(f"Sign {name}?"):
        here.say(f"{name} was not signed")
        raise typer.Exit(1)
    return proposal.sign(
        here.gateway,
        keys.open_key(who),
        said=proposal.to_sign(answer),
        digest=str(answer.get("digest")),
    )


def _read(here: Here, answer: JsonObject) -> None:
    """Show what would be signed, and what it changes; a boundary with errors cannot be."""
    for line in shortened(str(answer.get("plain"))).splitlines():
        here.say(plain.inert(line))
    if answer.get("replaces"):
        for line in ("", *differs(answer)):
            here.say(line)
    for line in screen.problem_lines(objects(answer, "problems")):
        here.say(line)
    if errors(answer):
        raise BadInputError(
            f"the boundary of `{answer.get('workflow')}` has {len(errors(answer))} error(s)",
            fix="correct the places named above, then sign again",
        )
    for line in ("", *_judged(answer), *_wanted(answer)):
        here.say(line)


def _judged(one: JsonObject) -> Iterator[str]:
    """Yield what was found out about a change, with calls that show it."""
    found = one.get("proof")
    proof = found if isinstance(found, dict) else {}
    with_what = f" ({proof.get('solver')}, {proof.get('ms')} ms)" if proof.get("solver") else ""
    match one.get("change"):
        case "narrows":
            yield f"proved: it grants nothing that the version before did not{with_what}"
        case "first":
            yield "it is the first version: nothing to compare it with"
        case "same":
            yield "it is the version in force"
        case "widens":
            yield f"it widens what is granted{with_what}"
        case _:
            yield f"not proved, so it counts as one that may widen{with_what}"
    for call in objects(proof, "counterexamples")[:EXAMPLES_MAX]:
        yield f"  {call.get('tool')} {plain.inert(canonical.text(call.get('args')))}"
        yield f"    was: {call.get('was')}; would be: {call.get('now')}"
        yield f"    with {plain.inert(canonical.text(call.get('context')))}"
    for why in texts(proof.get("unknown"))[:EXAMPLES_MAX]:
        yield f"  unknown: {plain.inert(why)}"


def _wanted(answer: JsonObject) -> Iterator[str]:
    """Yield who must sign, and who has."""
    yield f"needs: {', and '.join(texts(answer.get('needs')))}"
    people = texts(answer.get("signed_by"))
    if people:
        yield f"signed already by: {plain.inert(', '.join(people))}"


def _became(one: Json) -> Iterator[str]:
    said = one if isinstance(one, dict) else {}
    from_us = said.get("counts_from_us")
    name = f"version {said.get('version')} of {said.get('workflow')} ({_short(said.get('digest'))})"
    if said.get("state") == "active":
        yield f"in force: {name}"
        return
    if isinstance(from_us, int) and from_us > time.time_ns() // 1000 + SOON_US:
        yield (
            f"signed: {name}; it counts from {utc(from_us)}, because one person works alone here"
            " and this is production"
        )
        return
    yield f"signed, and not in force yet: {name}"
    yield from (f"  {plain.inert(line)}" for line in texts(said.get("missing")))


# --- History. ---


def _told(one: JsonObject, *, on: bool) -> Iterator[str]:
    """Yield a version in plain words."""
    yield f"version {one.get('version')} ({_short(one.get('digest'))}): {_stands(one)}"
    for by_ in objects(one, "signatures"):
        yield f"  signed by {plain.inert(str(by_.get('person')))}, {_when(by_.get('at_us'))}"
    yield from (f"  missing: {plain.inert(line)}" for line in texts(one.get("missing")))
    if one.get("because"):
        yield f"  because: {plain.inert(str(one.get('because')))}"
    if one.get("reverts"):
        yield f"  brings back version {one.get('reverts')}"
    if one.get("baseline") is True:
        yield f"  it is the baseline, which is {'on' if on else 'not on'}"
    yield from (f"  {line}" for line in _judged(one))
    yield from (f"  {line}" for line in _changes(one))
    yield ""


def _stands(one: JsonObject) -> str:
    from_us = one.get("from_us")
    match one.get("state"):
        case "active":
            return f"in force since {_when(from_us)}"
        case "superseded":
            return f"was in force from {_when(from_us)} to {_when(one.get('ended_us'))}"
        case "overtaken":
            return f"never in force: overtaken {_when(one.get('ended_us'))}"
        case _ if from_us and not texts(one.get("missing")):
            return f"pending: it counts from {_when(from_us)}"
        case _:
            return "pending: a signature is missing"


def _changes(one: JsonObject) -> Iterator[str]:
    words = one.get("changes_in_words")
    if words is None:
        yield "what it changed cannot be told: this release means something else by its words"
    elif words:
        yield from (plain.inert(line) for line in shortened(str(words)).splitlines())


def _when(at_us: Json) -> str:
    return utc(at_us) if isinstance(at_us, int) and at_us else "-"


def _short(digest: Json) -> str:
    return str(digest)[:DIGITS]
