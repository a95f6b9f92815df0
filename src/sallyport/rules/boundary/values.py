"""Reads single values of a file: names, texts, dates, durations, lists, choices.

Every function reports what is wrong and returns something usable, so that reading goes on and its
writer sees all mistakes at once. What was returned after a report is never used for a decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from sallyport.model import Json, Money
from sallyport.rules.boundary.amounts import as_money
from sallyport.rules.boundary.moments import as_day
from sallyport.rules.boundary.problems import Collector, Mark, suggest
from sallyport.rules.boundary.yaml_strict import Listing, Node, Scalar, Table

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}
TEXT_MAX = 500

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
_TOOL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./:-]{0,127}", re.ASCII)
_ARGUMENT = re.compile(r"[A-Za-z0-9_$@][A-Za-z0-9_.$@:/-]{0,127}", re.ASCII)
_DURATION = re.compile(r"([1-9][0-9]{0,6})(s|m|h|d)", re.ASCII)

NO_DAY = date.max


def table(out: Collector, node: Node | None, what: str) -> Table:
    """Return a node as a table of words; an empty one when it is something else."""
    if isinstance(node, Table):
        return node
    if node is not None:
        out.add(node.mark, "wrong_type", f"{what} is not a table of words", "write `word: value`")
    return Table(node.mark if node else Mark(), {}, {})


def items(out: Collector, node: Node | None, what: str) -> tuple[Node, ...]:
    """Return the items of a list; none when it is something else."""
    if isinstance(node, Listing):
        return node.items
    if node is not None:
        out.add(node.mark, "wrong_type", f"{what} is not a list", "write `[one, two]`")
    return ()


def known_words(out: Collector, found: Table, words: Iterable[str], what: str) -> None:
    """Report every word of a table that is not among `words`."""
    known = list(words)
    for word, mark in found.keys.items():
        if word not in known:
            fix = suggest(word, known)
            out.add(mark, "unknown_word", f"unknown word `{word}` in {what}", fix)


def required(out: Collector, found: Table, words: Mapping[str, str], what: str) -> None:
    """Report every word that must stand in a table and does not; `words` has an example of each."""
    for word, example in words.items():
        if word not in found.values:
            out.add(
                found.mark, "missing_word", f"{what} lacks `{word}`", f"add `{word}: {example}`"
            )


def text(out: Collector, node: Node | None, what: str) -> str:
    """Return a line of text that is not empty; an empty one when it is not there or wrong."""
    if node is None:
        return ""
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        out.add(node.mark, "wrong_type", f"{what} is not text", "write text, in quotes if need be")
        return ""
    if not node.value.strip():
        out.add(node.mark, "wrong_type", f"{what} is empty", "write what it is")
    if len(node.value) > TEXT_MAX:
        what = f"{what} is longer than {TEXT_MAX} characters"
        out.add(node.mark, "too_large", what, "write it shorter")
    return node.value


def name(out: Collector, node: Node | None, what: str) -> str:
    """Return the exact name of a workflow, agent, role, system or secret."""
    found = text(out, node, what)
    if found and node is not None:
        check_name(out, node.mark, found, what)
    return found


def check_name(out: Collector, mark: Mark, found: str, what: str) -> None:
    """Report a name that is a wildcard, or not one."""
    _check(out, mark, found, what, _NAME)


def check_tool(out: Collector, mark: Mark, found: str) -> None:
    """Report a tool's name that is a wildcard, or not one."""
    _check(out, mark, found, "a tool", _TOOL)


def check_argument(out: Collector, mark: Mark, found: str) -> None:
    """Report an argument's name that is a wildcard, or not one."""
    _check(out, mark, found, "an argument", _ARGUMENT)


def names(out: Collector, node: Node | None, what: str) -> tuple[str, ...]:
    """Return a list of exact names, each once and at least one: nobody is not somebody."""
    return _several(out, node, what, _NAME)


def tools(out: Collector, node: Node | None, what: str) -> tuple[str, ...]:
    """Return a list of exact names of tools, each once and at least one."""
    return _several(out, node, what, _TOOL)


def arguments(out: Collector, node: Node | None, what: str) -> tuple[str, ...]:
    """Return a list of exact names of arguments, each once and at least one."""
    return _several(out, node, what, _ARGUMENT)


def choice(out: Collector, node: Node | None, known: Iterable[str], what: str) -> str:
    """Return one of the words in `known`; an empty text when it is none of them."""
    words = list(known)
    found = text(out, node, what)
    if not found or node is None or found in words:
        return found
    out.add(node.mark, "unknown_word", f"`{found}` is not {what}", suggest(found, words))
    return ""


def day(out: Collector, node: Node | None, what: str) -> date:
    """Return a date; the last day there is when it is missing or wrong."""
    if node is None:
        return NO_DAY
    found = as_day(node.value) if isinstance(node, Scalar) else None
    if found is None:
        fix = "write it as YYYY-MM-DD"
        out.add(node.mark, "wrong_type", f"{what} is not a date of the calendar", fix)
    return found or NO_DAY


def seconds(out: Collector, node: Node | None, what: str, *, at_most: int) -> int | None:
    """Return a duration (`10s`, `30m`, `4h`, `1d`) in seconds; None when missing or wrong."""
    if node is None:
        return None
    match = None
    if isinstance(node, Scalar) and isinstance(node.value, str):
        match = _DURATION.fullmatch(node.value)
    if match is None:
        fix = "write a number and a unit: `10s`, `30m`, `4h` or `1d`"
        out.add(node.mark, "wrong_type", f"{what} is not a duration", fix)
        return None
    found = int(match[1]) * SECONDS[match[2]]
    if found > at_most:
        fix = f"write `{duration(at_most)}` at most"
        out.add(node.mark, "out_of_range", f"{what} is too long", fix)
        return None
    return found


def duration(length_s: int) -> str:
    """Return seconds as an owner writes them, in the largest unit that fits."""
    unit, size = next((u, n) for u, n in reversed(SECONDS.items()) if length_s % n == 0)
    return f"{length_s // size}{unit}"


def whole(out: Collector, node: Node | None, what: str, *, at_least: int = 1, at_most: int) -> int:
    """Return a whole number within both bounds; the lower one when missing or wrong."""
    if node is None:
        return at_least
    value = node.value if isinstance(node, Scalar) else None
    if type(value) is int and at_least <= value <= at_most:
        return value
    fix = f"write a whole number from {at_least} to {at_most}"
    out.add(node.mark, "wrong_type", f"{what} is not such a number", fix)
    return at_least


def truth(out: Collector, node: Node | None, what: str) -> bool:
    """Return true or false; false when missing or wrong."""
    if node is None:
        return False
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    out.add(node.mark, "wrong_type", f"{what} is neither true nor false", "write `true` or `false`")
    return False


def scalar(out: Collector, node: Node, what: str) -> Json:
    """Return a single value: text, a number, true, false or null."""
    if isinstance(node, Scalar):
        return node.value
    out.add(node.mark, "wrong_type", f"{what} is not a single value", "write one value")
    return None


def money(value: Json) -> Money | None:
    """Return the amount that a text such as `50.00 EUR` names, or None."""
    return as_money(value)


def _several(
    out: Collector, node: Node | None, what: str, form: re.Pattern[str]
) -> tuple[str, ...]:
    found: list[str] = []
    for item in items(out, node, what):
        word = text(out, item, f"an item of {what}")
        if word in found:
            out.add(item.mark, "duplicate_key", f"`{word}` stands in {what} twice", "remove one")
        elif word:
            _check(out, item.mark, word, f"an item of {what}", form)
            found.append(word)
    if isinstance(node, Listing) and not node.items:
        out.add(node.mark, "wrong_type", f"{what} is an empty list", "name at least one")
    return tuple(found)


def _check(out: Collector, mark: Mark, found: str, what: str, form: re.Pattern[str]) -> None:
    if "*" in found or "?" in found:
        fix = "name each one: there are no wildcards"
        out.add(mark, "wildcard", f"`{found}` is a pattern, not the name of {what}", fix)
    elif not form.fullmatch(found):
        fix = "use letters, digits, `_`, `-` and `.`, and the exact spelling"
        out.add(mark, "bad_name", f"`{found}` cannot be the name of {what}", fix)
