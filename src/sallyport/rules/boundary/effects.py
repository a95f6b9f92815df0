"""What a system's operator declares that a call changes: each field, and what it becomes.

People see it before they answer, beside what stands there now. It grants nothing, and where it is
not true the system is described wrongly: it is held against what systems really do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sallyport.model import Effect, Json
from sallyport.rules import canonical
from sallyport.rules.boundary import values
from sallyport.rules.boundary.problems import Collector
from sallyport.rules.boundary.yaml_strict import Node, Scalar, Table

ARGUMENT: Final = "arg."
WORDS: Final = ("to", "plus", "with")


def effects(out: Collector, node: Node | None) -> dict[str, Effect]:
    """Return what a tool's `changes` declares, by field, having reported what says nothing."""
    found = values.table(out, node, "`changes`")
    if isinstance(node, Table) and not found.values:
        fix = "write for example `{status: arg.status}`"
        out.add(node.mark, "empty", "`changes` names no field", fix)
    for name, mark in found.keys.items():
        values.check_argument(out, mark, name)
    return {name: _effect(out, name, value) for name, value in found.values.items()}


def in_words(changes: Mapping[str, Effect]) -> str:
    """Return what a call changes as a person reads it, field by field."""
    return "; ".join(_said(name, effect) for name, effect in changes.items())


def _effect(out: Collector, name: str, node: Node) -> Effect:
    if isinstance(node, Scalar):
        return Effect(source=_source(out, name, node))
    what = f"the change of `{name}`"
    table = values.table(out, node, what)
    values.known_words(out, table, WORDS, what)
    given = [word for word in ("to", "plus") if word in table.values]
    if len(given) != 1:
        fix = "write `{to: arg.NAME}` or `{plus: arg.NAME}`, or the source alone"
        out.add(node.mark, "missing_word", f"{what} does not say what it becomes", fix)
        return Effect(source=None)
    return Effect(
        source=_source(out, name, table.values[given[0]]),
        plus="plus" in given,
        only_with=_named(values.text(out, table.values.get("with"), "`with`")),
    )


def _named(text: str) -> str:
    return text.removeprefix(ARGUMENT)


def _source(out: Collector, name: str, node: Node) -> Json:
    value = values.scalar(out, node, f"what `{name}` becomes")
    if value == ARGUMENT:
        fix = "write `arg.NAME`, or the value itself"
        out.add(node.mark, "bad_name", f"what `{name}` becomes names nothing", fix)
    return value


def _said(name: str, effect: Effect) -> str:
    source = effect.source
    what = source if isinstance(source, str) and source.startswith(ARGUMENT) else None
    value = what or canonical.text(source)
    how = f"{name} grows by {value}" if effect.plus else f"{name} becomes {value}"
    return f"{how} where {effect.only_with} is sent" if effect.only_with else how
