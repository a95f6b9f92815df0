"""What a system's operator declares of one tool: what it costs, holds, and how it is taken back.

These words describe what the system does; nothing here is believed from the system itself. A word
that could never have a consequence, or that contradicts another, is an error: whoever wrote it
relied on it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypedDict

from sallyport.model import DataClass, Effect, Money, ResultField, Reversible, Writer
from sallyport.rules.boundary import amounts, values
from sallyport.rules.boundary.effects import effects
from sallyport.rules.boundary.problems import Collector, Mark
from sallyport.rules.boundary.yaml_strict import Node, Scalar, Table

WORDS = (
    "reversible",
    "undo",
    "retries",
    "cost",
    "critical",
    "units",
    "fields",
    "args",
    "writer",
    "changes",
)
RETRIES_MAX = 5
COST_DIGITS_MAX = 6

_FIELD_WORDS = ("data", "writer")
_ARGUMENT_WORDS = ("data",)
_PATH = re.compile(r"[^.]{1,100}(?:\.[^.]{1,100}){0,20}")
_UNIT = re.compile(r"minor ([A-Z]{3})", re.ASCII)
_PLACE = re.compile(r"[A-Z]{2}", re.ASCII)


class Declared(TypedDict):
    """The declared part of `Plumbing`, without `undo`, which is read like any look-up."""

    reversible: Reversible | None
    retries: int
    cost: Money | None
    critical: tuple[str, ...]
    units: Mapping[str, str]
    fields: Mapping[str, ResultField]
    args: Mapping[str, DataClass]
    writer: Writer
    changes: Mapping[str, Effect]


def declared(out: Collector, tool: str, found: Table) -> Declared:
    """Return what the table of one tool declares, having reported what does not fit together."""
    words = found.values
    reversible = _reversible(out, words.get("reversible"), tool)
    _check_undo(out, tool, found, reversible)
    if reversible is None and "undo" in words:
        reversible = Reversible.TRUE
    return Declared(
        reversible=reversible,
        retries=_retries(out, words.get("retries")),
        cost=_cost(out, words.get("cost")),
        critical=values.arguments(out, words.get("critical"), "`critical`"),
        units=_units(out, words.get("units")),
        fields=_fields(out, words.get("fields")),
        args=_args(out, words.get("args")),
        writer=_writer(out, words.get("writer")),
        changes=effects(out, words.get("changes")),
    )


def place(out: Collector, node: Node | None) -> str:
    """Return where a system's data lies: a country's two letters, or `EU`; empty if not said."""
    if node is None:
        return ""
    found = values.text(out, node, "`jurisdiction`")
    if found:
        check_place(out, node.mark, found)
    return found


def check_place(out: Collector, mark: Mark, found: str) -> None:
    """Report what is not written as a country or `EU`."""
    if not _PLACE.fullmatch(found):
        fix = "write two capital letters, such as `DE`, or `EU`"
        out.add(mark, "bad_name", f"`{found}` is no jurisdiction", fix)


def _reversible(out: Collector, node: Node | None, tool: str) -> Reversible | None:
    if node is None:
        return None
    value = node.value if isinstance(node, Scalar) else None
    word = str(value).lower() if isinstance(value, bool) else value
    known = [one.value for one in Reversible]
    if isinstance(word, str) and word in known:
        return Reversible(word)
    what = f"`reversible` of `{tool}` is not one of its words"
    out.add(node.mark, "wrong_type", what, f"write one of: {', '.join(known)}")
    return None


def _check_undo(out: Collector, tool: str, found: Table, reversible: Reversible | None) -> None:
    """Report a promise to take back that nothing keeps, and a way back where there is none."""
    if reversible is Reversible.TRUE and not {"undo", "before"} & found.keys.keys():
        what = f"`{tool}` is declared reversible, and nothing says how"
        fix = "add `undo`, or `before` for what is put back, or write `reversible: by_hand`"
        out.add(found.keys["reversible"], "missing_word", what, fix)
    if reversible in {Reversible.BY_HAND, Reversible.FALSE} and "undo" in found.keys:
        what = f"`{tool}` has an `undo` and is declared not to be reversible by a call"
        out.add(found.keys["undo"], "pointless", what, "write `reversible: true`, or remove `undo`")


def _retries(out: Collector, node: Node | None) -> int:
    return 0 if node is None else values.whole(out, node, "`retries`", at_most=RETRIES_MAX)


def _cost(out: Collector, node: Node | None) -> Money | None:
    if node is None:
        return None
    found = amounts.as_money(node.value) if isinstance(node, Scalar) else None
    if found is None or found.currency not in amounts.CURRENCIES or found.amount <= 0:
        fix = "write what one call costs: `0.01 USD`"
        out.add(node.mark, "wrong_type", "`cost` is not an amount above zero", fix)
        return None
    if amounts.decimals(found.amount) > COST_DIGITS_MAX:
        what = f"`cost` has more than {COST_DIGITS_MAX} decimals"
        out.add(node.mark, "out_of_range", what, "round it up")
    return found


def _units(out: Collector, node: Node | None) -> dict[str, str]:
    found = values.table(out, node, "`units`")
    units: dict[str, str] = {}
    for name, value in found.values.items():
        values.check_argument(out, found.keys[name], name)
        said = values.text(out, value, f"the unit of `{name}`")
        match = _UNIT.fullmatch(said)
        if match is None:
            fix = "write for example `minor EUR`, for whole cents"
            out.add(value.mark, "wrong_type", f"the unit of `{name}` is none", fix)
        elif match[1] not in amounts.CURRENCIES:
            what, fix = amounts.no_currency(match[1])
            out.add(value.mark, "unknown_word", what, fix)
        else:
            units[name] = match[1]
    return units


def _fields(out: Collector, node: Node | None) -> dict[str, ResultField]:
    found = values.table(out, node, "`fields`")
    fields: dict[str, ResultField] = {}
    for path, value in found.values.items():
        if not _PATH.fullmatch(path):
            fix = "write names joined by dots: `ticket.state`"
            out.add(found.keys[path], "bad_name", f"`{path}` is not a way to a value", fix)
        fields[path] = _field(out, value, f"field `{path}`")
    return fields


def _field(out: Collector, node: Node, what: str) -> ResultField:
    table = values.table(out, node, what)
    values.known_words(out, table, _FIELD_WORDS, what)
    _check_said(out, table, node, what, "data: personal, writer: staff")
    return ResultField(
        data=_data(out, table.values.get("data")), writer=_writer(out, table.values.get("writer"))
    )


def _args(out: Collector, node: Node | None) -> dict[str, DataClass]:
    found = values.table(out, node, "`args`")
    args: dict[str, DataClass] = {}
    for name, value in found.values.items():
        values.check_argument(out, found.keys[name], name)
        what = f"argument `{name}`"
        table = values.table(out, value, what)
        values.known_words(out, table, _ARGUMENT_WORDS, what)
        _check_said(out, table, value, what, "data: personal")
        data = _data(out, table.values.get("data"))
        if data is not None:
            args[name] = data
    return args


def _check_said(out: Collector, table: Table, node: Node, what: str, example: str) -> None:
    if isinstance(node, Table) and not table.values:
        out.add(node.mark, "empty", f"nothing is said of {what}", f"write `{{{example}}}`")


def _data(out: Collector, node: Node | None) -> DataClass | None:
    known = [one.value for one in DataClass]
    found = values.choice(out, node, known, "a class of data")
    return DataClass(found) if found else None


def _writer(out: Collector, node: Node | None) -> Writer:
    known = [one.value for one in Writer]
    found = values.choice(out, node, known, "a writer")
    return Writer(found) if found else Writer.UNKNOWN
