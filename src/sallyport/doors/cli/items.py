"""How one thing that waits for people reads in a terminal: complete, and nothing hides in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sallyport.doors.cli import plain
from sallyport.doors.connect.parties import objects, texts
from sallyport.model import Json, JsonObject
from sallyport.rules import canonical
from sallyport.rules.times import SECOND_US, utc

TELLING_MAX: Final = 2
TELLING_LETTERS_MAX: Final = 40

_DID: Final[Mapping[str, str]] = {"edit": "changed it", "words": "sent words to the agent"}


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


def row(item: JsonObject, now_us: int, heads: Sequence[str]) -> list[str]:
    """Return one line of the list, a cell for each of its heads."""
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


def _table(title: str, values: JsonObject, amounts: JsonObject | None = None) -> Iterator[str]:
    yield f"{title}:" if values else f"{title}: none"
    for name, value in values.items():
        said = plain.block(plain.argument(value), "    ")
        amount = (amounts or {}).get(name)
        meant = f"{plain.value(amount)}, sent as {said}" if amount is not None else said
        yield f"  {plain.inert(name)}: {meant}"


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


def _did(answer: JsonObject) -> str:
    kind = str(answer.get("kind") or "")
    return _DID.get(kind, "said yes" if answer.get("yes") else "said no")


def _ahead(item: JsonObject) -> Iterator[str]:
    """Yield what a yes may cover besides, where it may."""
    offered = _object(item, "ahead")
    if not offered or offered.get("why_not"):
        return
    free = ", ".join(plain.inert(name) for name in texts(offered.get("free"))) or "nothing"
    most, hours = offered.get("calls_max"), offered.get("hours_max")
    yield f"a yes may cover up to {most} more, within {hours} h; may differ: {free}"


def _object(item: JsonObject, name: str) -> JsonObject:
    found = item.get(name)
    return found if isinstance(found, dict) else {}
