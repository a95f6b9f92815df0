"""A yes to a list of calls with one signature: what fits into it, and what the signature covers.

Rules:
  1. A list is of one kind: agent, workflow, tool and the names of the arguments. Whatever would be
     answered by itself for a reason of its own, and whatever stands out among the rest, is left
     out of it and said so.
  2. What is signed is the root of a tree over all that each question binds (`rules.merkle`). So
     each answer carries its own proof, and neither a row more nor a row less was agreed to.
  3. Every row is admitted, decided and carried out by itself, and may fail by itself. A list gives
     nobody a right that they had not for each of its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median, mode
from typing import Final

from sallyport.errors import BadInputError, NotPermittedError
from sallyport.model import Approval, ApprovalState, Call, Json, JsonObject, Listed, ToolRule
from sallyport.rules import canonical, merkle
from sallyport.rules.boundary.constraints import is_number
from sallyport.rules.inert import plain
from sallyport.rules.routine import CHECKED, amounts, hides, out_of_course, too_serious

AT_LEAST: Final = 2
AT_MOST: Final = 25
"""How many rows a list has: more than a person compares in one look are several lists."""

FEW: Final = 3
"""Among fewer rows nothing stands out."""
TIMES: Final = 3
"""How many times the middle value a number is that stands out."""
QUARTER: Final = 4
"""Values that one row in four does not share are a sort of their own, and do not stand out."""
LONG: Final = 200
"""From how many characters on a text may stand out by its length."""

Kind = tuple[str, str, str, tuple[str, ...]]
"""Agent, workflow, tool, and the names of the arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question that may stand in a list. Without a `rule` nothing is known of its tool.

    `held` is a reason of the gateway's own to have it answered by itself; empty where none is.
    """

    approval: Approval
    call: Call
    rule: ToolRule | None
    held: str = ""

    @property
    def kind(self) -> Kind:
        """What all rows of a list share."""
        proposal = self.call.proposal
        return (self.call.agent, self.call.workflow, proposal.tool, tuple(sorted(proposal.args)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A list as it may be signed, and what of the wished for rows is left out of it, with why."""

    rows: tuple[Row, ...] = ()
    apart: tuple[tuple[Row, str], ...] = ()

    @property
    def differing(self) -> tuple[str, ...]:
        """The arguments in which the rows differ, in order."""
        names = self.rows[0].kind[-1] if self.rows else ()
        return tuple(name for name in names if len({_text(r, name) for r in self.rows}) > 1)

    @property
    def same(self) -> JsonObject:
        """The arguments that are the same in every row."""
        if not self.rows:
            return {}
        args = self.rows[0].call.proposal.args
        return {name: value for name, value in args.items() if name not in self.differing}


# --- What fits into a list. ---


def unfit(row: Row) -> str:
    """Return why a question is answered by itself; nothing where it may stand in a list."""
    return next(_against(row), "")


def _against(row: Row) -> Iterator[str]:
    """Yield everything that speaks against a row, what ends the matter first."""
    approval, made = row.approval, row.approval.object
    if approval.state is not ApprovalState.WAITING:
        yield f"it is {approval.state.value} already"
    if row.held:
        yield row.held
    if approval.question.how_many > 1:
        yield f"{approval.question.how_many} people answer it"
    if approval.passed:
        yield "somebody passed it on"
    if made.get("again") is not None:
        yield "it was asked before, and changed meanwhile"
    yield from _against_tool(row)
    if out_of_course(made.get("findings")):
        yield CHECKED
    for name, value in row.call.proposal.args.items():
        if hides(value):
            yield f"`{plain(name)}` holds characters that nobody can see"


def _against_tool(row: Row) -> Iterator[str]:
    if row.rule is None:
        yield "its tool is not known here any more"
        return
    irreversible = row.rule.irreversible or row.approval.object.get("reversibility") == "false"
    level = max(row.call.level, row.rule.level)
    serious = too_serious(level, row.rule.touches, irreversible=irreversible)
    if serious:
        yield serious
    for name in amounts(row.rule, row.call.proposal.args):
        yield f"`{plain(name)}` is an amount"


def plan(wished: Sequence[Row]) -> Plan:
    """Return the list that can be made of the wished for questions.

    Of several kinds the one with most rows makes the list. Rows stand in it by their ids, so that
    the same questions make the same list. What stands out is taken out until nothing does.
    """
    apart = [(row, why) for row in wished if (why := unfit(row))]
    fit = sorted((row for row in wished if not unfit(row)), key=lambda row: row.approval.id)
    if not fit:
        return Plan(apart=tuple(apart))
    first = mode(row.kind for row in fit)
    apart += [(row, _other(row.kind, first)) for row in fit if row.kind != first]
    rows = [row for row in fit if row.kind == first]
    while out := dict(_standing_out(rows)):
        apart += [(rows[at], why) for at, why in out.items()]
        rows = [row for at, row in enumerate(rows) if at not in out]
    over = "a list has no more than 25 rows"
    apart += [(row, over) for row in rows[AT_MOST:]]
    return Plan(rows=tuple(rows[:AT_MOST]), apart=tuple(apart))


def check(wished: Sequence[Row]) -> tuple[Row, ...]:
    """Return the rows of a list that is to be signed just as it was wished for.

    Raises:
        BadInputError: It is too short or too long, or has a row twice.
        NotPermittedError: One of its rows does not belong into it.
    """
    if not AT_LEAST <= len(wished) <= AT_MOST:
        raise BadInputError(
            f"a list has {AT_LEAST} to {AT_MOST} rows, and this has {len(wished)}",
            fix="answer one by itself, and more in several lists",
        )
    if len({row.approval.id for row in wished}) != len(wished):
        raise BadInputError("a question stands in the list twice", fix="name each of them once")
    found = plan(wished)
    if found.apart:
        row, why = found.apart[0]
        raise NotPermittedError(
            f"`{row.approval.id}` cannot be answered in this list: {why}",
            fix="leave it out, and answer it by itself",
        )
    return found.rows


def _other(kind: Kind, wanted: Kind) -> str:
    said = ("agent", "workflow", "tool")
    found = next((name for name, a, b in zip(said, kind, wanted, strict=False) if a != b), "")
    return f"it is of another {found}" if found else "it has other arguments"


def _standing_out(rows: Sequence[Row]) -> Iterator[tuple[int, str]]:
    """Yield the places of rows in which a value is not like those of the others, with why."""
    if len(rows) < FEW:
        return
    for name in rows[0].kind[-1]:
        values = [row.call.proposal.args[name] for row in rows]
        for at, why in _odd_ones(values):
            yield at, f"`{plain(name)}` {why}"


def _odd_ones(values: Sequence[Json]) -> Iterator[tuple[int, str]]:
    texts = [canonical.text(one) for one in values]
    usual = mode(texts)
    numbers = [abs(Decimal(one)) for one in values if is_number(one)]
    middle = median(numbers) if len(numbers) == len(values) else None
    alone = len(values) - texts.count(usual) <= max(1, len(values) // QUARTER)
    lengths = median([len(text) for text in texts])
    for at in range(len(values)):
        if middle is not None and numbers[at] > TIMES * middle:
            yield at, f"is more than {TIMES} times the middle of the list"
        elif alone and texts[at] != usual:
            yield at, "is not what it is in most of the others"
        elif len(texts[at]) > max(LONG, TIMES * lengths):
            yield at, "is much longer than in the others"


def _text(row: Row, name: str) -> str:
    return canonical.text(row.call.proposal.args[name])


# --- What is signed. ---


def signable(about: JsonObject, part: JsonObject) -> bytes:
    """Return the bytes that a person signs for a list.

    Args:
        about: The list, as `about` has it.
        part: The answer, as `answering.signed_part` has it.
    """
    return b"sallyport/list/v1\n" + canonical.encode({**part, "list": about})


def about(made: JsonObject, root: str, size: int) -> JsonObject:
    """Return what a signature for a list says of it.

    Args:
        made: The object that any of its questions is about: in this all of them agree.
        root: The root over what its questions bind, in hex.
        size: How many rows it has.
    """
    action = made.get("action")
    parts: Mapping[str, Json] = action if isinstance(action, dict) else {}
    args = parts.get("args")
    return {
        "root": root,
        "size": size,
        "agent": made.get("agent"),
        "workflow": made.get("workflow"),
        "tool": parts.get("tool"),
        "arguments": list[Json](sorted(args)) if isinstance(args, dict) else [],
    }


def places(bounds: Sequence[JsonObject]) -> tuple[Listed, ...]:
    """Return, for what each row's question binds, its place in the list, in order."""
    leaves = [canonical.encode(one) for one in bounds]
    root = merkle.root(leaves)
    return tuple(
        Listed(root=root, size=len(leaves), index=at, path=merkle.path(leaves, at))
        for at in range(len(leaves))
    )


def stands_in(bound: JsonObject, listed: Listed) -> bool:
    """Return whether a question, by what it binds, stands in a list that can be one."""
    if not AT_LEAST <= listed.size <= AT_MOST:
        return False
    row = canonical.encode(bound)
    return merkle.holds(row, listed.index, listed.size, listed.path, listed.root)
