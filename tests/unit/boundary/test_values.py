"""Single values of a file: what each is read as, and what is said of one that is wrong.

Whatever was wrong, something usable comes back, so that reading goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeAlias

import pytest

from sallyport.model import Json
from sallyport.rules.boundary import values
from sallyport.rules.boundary.problems import Collector, Mark
from sallyport.rules.boundary.yaml_strict import Node, Table, parse, to_json

Reader: TypeAlias = "Callable[[Collector, Node | None], object]"
DAY = 24 * 3600


def read(reader: Reader, line: str | None) -> tuple[object, list[str]]:
    """Return what a value is read as, and what is said of it; no line is a value not there."""
    out = Collector("w")
    root = parse(f"x: {line}\n", out) if line is not None else None
    found = reader(out, root.values["x"] if isinstance(root, Table) else None)
    return found, [f"{one.code.removeprefix('boundary.')} {one}" for one in out.found]


def said(what: str, column: int = 4, code: str = "wrong_type") -> list[str]:
    """Return what is said of a value of the first line."""
    return [f"{code} w:1:{column}: {what}"]


def plain(reader: Callable[[Collector, Node | None, str], object]) -> Reader:
    """Return a reader of a value that is called `it`."""
    return lambda out, node: reader(out, node, "`it`")


def a_table(out: Collector, node: Node | None) -> Json:
    """Read a table, as its plain values."""
    return to_json(values.table(out, node, "`it`"))


def some_items(out: Collector, node: Node | None) -> list[Json]:
    """Read a list, as its plain items."""
    return [to_json(one) for one in values.items(out, node, "`it`")]


def at_most(reader: Callable[..., object], limit: int) -> Reader:
    """Return a reader of a number that is called `it` and may not be larger."""
    return lambda out, node: reader(out, node, "`it`", at_most=limit)


def one_value(out: Collector, node: Node | None) -> Json:
    """Read a single value."""
    assert node is not None
    return values.scalar(out, node, "`it`")


NO_TEXT = "`it` is not text; write text, in quotes if need be"
NO_NUMBER = "`it` is not such a number; write a whole number from 1 to 9"
NO_DURATION = "`it` is not a duration; write a number and a unit: `10s`, `30m`, `4h` or `1d`"
NO_DAY = "`it` is not a date of the calendar; write it as YYYY-MM-DD"
NO_TABLE = "`it` is not a table of words; write `word: value`"
NO_TRUTH = "`it` is neither true nor false; write `true` or `false`"
NO_LIST = "`it` is not a list; write `[one, two]`"
SPELLING = "use letters, digits, `_`, `-` and `.`, and the exact spelling"
NO_PATTERN = "name each one: there are no wildcards"
LONG = "a" * 500

READ: list[tuple[Reader, str | None, object, list[str]]] = [
    (a_table, "{a: 1}", {"a": 1}, []),
    (a_table, "{}", {}, []),
    (a_table, None, {}, []),
    (a_table, "[a]", {}, said(NO_TABLE)),
    (some_items, "[a, 1]", ["a", 1], []),
    (some_items, "[]", [], []),
    (some_items, None, [], []),
    (some_items, "a", [], said(NO_LIST)),
    (plain(values.text), "a b", "a b", []),
    (plain(values.text), None, "", []),
    (plain(values.text), "5", "", said(NO_TEXT)),
    (plain(values.text), "[a]", "", said(NO_TEXT)),
    (plain(values.text), "''", "", said("`it` is empty; write what it is")),
    (plain(values.text), "' '", " ", said("`it` is empty; write what it is")),
    (plain(values.text), LONG, LONG, []),
    (
        plain(values.text),
        f"{LONG}a",
        f"{LONG}a",
        said("`it` is longer than 500 characters; write it shorter", code="too_large"),
    ),
    (plain(values.name), "a.B-9_", "a.B-9_", []),
    (plain(values.name), None, "", []),
    (plain(values.name), LONG[:64], LONG[:64], []),
    (plain(values.name), "7", "", said(NO_TEXT)),
    (
        plain(values.name),
        "_a",
        "_a",
        said(f"`_a` cannot be the name of `it`; {SPELLING}", code="bad_name"),
    ),
    (
        plain(values.name),
        LONG[:65],
        LONG[:65],
        said(f"`{LONG[:65]}` cannot be the name of `it`; {SPELLING}", code="bad_name"),
    ),
    (
        plain(values.name),
        "a?",
        "a?",
        said(f"`a?` is a pattern, not the name of `it`; {NO_PATTERN}", code="wildcard"),
    ),
    (
        plain(values.name),
        "'*'",
        "*",
        said(f"`*` is a pattern, not the name of `it`; {NO_PATTERN}", code="wildcard"),
    ),
    (plain(values.names), "[a, b]", ("a", "b"), []),
    (plain(values.names), None, (), []),
    (plain(values.names), "a", (), said(NO_LIST)),
    (plain(values.names), "[]", (), said("`it` is an empty list; name at least one")),
    (
        plain(values.names),
        "[a, b, a]",
        ("a", "b"),
        said("`a` stands in `it` twice; remove one", 11, code="duplicate_key"),
    ),
    (
        plain(values.names),
        "[a/b, 5]",
        ("a/b",),
        [
            *said(f"`a/b` cannot be the name of an item of `it`; {SPELLING}", 5, code="bad_name"),
            *said("an item of `it` is not text; write text, in quotes if need be", 10),
        ],
    ),
    (plain(values.tools), "[a/b:c.d-e_f, _a]", ("a/b:c.d-e_f", "_a"), []),
    (
        plain(values.tools),
        "[$a]",
        ("$a",),
        said(f"`$a` cannot be the name of an item of `it`; {SPELLING}", 5, code="bad_name"),
    ),
    (plain(values.arguments), "[$a, '@b', c.d$@:/-e]", ("$a", "@b", "c.d$@:/-e"), []),
    (
        plain(values.arguments),
        "[-a]",
        ("-a",),
        said(f"`-a` cannot be the name of an item of `it`; {SPELLING}", 5, code="bad_name"),
    ),
    (plain(values.day), "2027-02-28", date(2027, 2, 28), []),
    (plain(values.day), None, date(9999, 12, 31), []),
    (plain(values.day), "2027-02-29", date(9999, 12, 31), said(NO_DAY)),
    (plain(values.day), "5", date(9999, 12, 31), said(NO_DAY)),
    (plain(values.day), "[2027-02-28]", date(9999, 12, 31), said(NO_DAY)),
    (at_most(values.seconds, DAY), None, None, []),
    (at_most(values.seconds, DAY), "1s", 1, []),
    (at_most(values.seconds, DAY), "59s", 59, []),
    (at_most(values.seconds, DAY), "2m", 120, []),
    (at_most(values.seconds, DAY), "3h", 10_800, []),
    (at_most(values.seconds, DAY), "1d", 86_400, []),
    (at_most(values.seconds, 9_999_999), "9999999s", 9_999_999, []),
    (at_most(values.seconds, 10**9), "10000000s", None, said(NO_DURATION)),
    (
        at_most(values.seconds, DAY),
        "86401s",
        None,
        said("`it` is too long; write `1d` at most", code="out_of_range"),
    ),
    (
        at_most(values.seconds, 90),
        "2m",
        None,
        said("`it` is too long; write `90s` at most", code="out_of_range"),
    ),
    (at_most(values.seconds, DAY), "0s", None, said(NO_DURATION)),
    (at_most(values.seconds, DAY), "5", None, said(NO_DURATION)),
    (at_most(values.seconds, DAY), "5 s", None, said(NO_DURATION)),
    (at_most(values.seconds, DAY), "1w", None, said(NO_DURATION)),
    (at_most(values.seconds, DAY), "[5s]", None, said(NO_DURATION)),
    (at_most(values.whole, 9), None, 1, []),
    (at_most(values.whole, 9), "1", 1, []),
    (at_most(values.whole, 9), "9", 9, []),
    (at_most(values.whole, 9), "0", 1, said(NO_NUMBER)),
    (at_most(values.whole, 9), "10", 1, said(NO_NUMBER)),
    (at_most(values.whole, 9), "true", 1, said(NO_NUMBER)),
    (at_most(values.whole, 9), "5.0", 1, said(NO_NUMBER)),
    (at_most(values.whole, 9), "[5]", 1, said(NO_NUMBER)),
    (plain(values.truth), "true", True, []),
    (plain(values.truth), "false", False, []),
    (plain(values.truth), None, False, []),
    (plain(values.truth), "1", False, said(NO_TRUTH)),
    (plain(values.truth), "[true]", False, said(NO_TRUTH)),
    (one_value, "a", "a", []),
    (one_value, "null", None, []),
    (one_value, "[a]", None, said("`it` is not a single value; write one value")),
]


@pytest.mark.parametrize("reader, line, found, problems", READ, ids=range(len(READ)))
def test_a_value_is_read_or_told_to_be_wrong(
    reader: Reader, line: str | None, found: object, problems: list[str]
) -> None:
    """With its place, what it should be, and how to write it."""
    assert read(reader, line) == (found, problems)


def test_a_table_keeps_its_place() -> None:
    """So that what it lacks is told where it begins; what is no table begins where it stands."""
    out = Collector("w")
    root = parse("x:\n  a: 1\n", out)
    assert isinstance(root, Table)

    assert values.table(out, root.values["x"], "`it`").mark == Mark(2, 3)
    assert values.table(out, parse("[a]\n", out), "`it`") == Table(Mark(1, 1), {}, {})
    assert values.table(out, None, "`it`") == Table(Mark(0, 0), {}, {})


def test_one_of_a_few_words_is_chosen() -> None:
    """Another is told, with the nearest or with all there are; nothing is none of them."""

    def chosen(line: str | None, *known: str) -> tuple[object, list[str]]:
        return read(lambda out, node: values.choice(out, node, known, "a state"), line)

    assert chosen("open", "open", "held") == ("open", [])
    assert chosen(None, "open") == ("", [])
    assert chosen("opne", "open", "held") == (
        "",
        said("`opne` is not a state; did you mean `open`?", code="unknown_word"),
    )
    assert chosen("xyz", "open", "held") == (
        "",
        said("`xyz` is not a state; use one of: open, held", code="unknown_word"),
    )
    assert chosen("xyz") == ("", said("`xyz` is not a state; remove it", code="unknown_word"))
    assert chosen("5", "open") == (
        "",
        said("a state is not text; write text, in quotes if need be"),
    )


def test_words_are_told_that_are_unknown_or_lacking() -> None:
    """Each where it stands, or where its table begins."""

    def known(out: Collector, node: Node | None) -> None:
        found = values.table(out, node, "`it`")
        values.known_words(out, found, iter(("who", "within")), "`it`")
        values.required(out, found, {"who": "[lead]", "why": "it counts"}, "`it`")

    assert read(known, "{who: a, why: b}")[1] == [
        "unknown_word w:1:13: unknown word `why` in `it`; did you mean `who`?"
    ]
    assert read(known, "{within: 4h, unrelated: 1}")[1] == [
        "unknown_word w:1:17: unknown word `unrelated` in `it`; use one of: who, within",
        "missing_word w:1:4: `it` lacks `who`; add `who: [lead]`",
        "missing_word w:1:4: `it` lacks `why`; add `why: it counts`",
    ]


@pytest.mark.parametrize(
    "check, good, bad, thing",
    [
        (values.check_tool, "a" * 128, "a" * 129, "a tool"),
        (values.check_tool, "_a./:-", "$a", "a tool"),
        (values.check_argument, "a" * 128, "a" * 129, "an argument"),
        (values.check_argument, "$a.@:/-", "-a", "an argument"),
    ],
)
def test_a_name_is_told_that_is_none(
    check: Callable[[Collector, Mark, str], None], good: str, bad: str, thing: str
) -> None:
    """Of a tool or of an argument; a pattern is no name of anything."""
    out = Collector("w")

    check(out, Mark(3, 4), good)
    assert out.found == []
    for wrong in (bad, "a*", "a?"):
        check(out, Mark(3, 4), wrong)
    assert [str(one) for one in out.found] == [
        f"w:3:4: `{bad}` cannot be the name of {thing}; {SPELLING}",
        f"w:3:4: `a*` is a pattern, not the name of {thing}; {NO_PATTERN}",
        f"w:3:4: `a?` is a pattern, not the name of {thing}; {NO_PATTERN}",
    ]


@pytest.mark.parametrize(
    "seconds, written",
    [
        (1, "1s"),
        (59, "59s"),
        (60, "1m"),
        (90, "90s"),
        (3_599, "3599s"),
        (3_600, "1h"),
        (5_400, "90m"),
        (86_400, "1d"),
        (90_000, "25h"),
        (172_800, "2d"),
    ],
)
def test_a_duration_is_written_in_the_largest_unit_that_fits(seconds: int, written: str) -> None:
    """As an owner would, and it is read as what it was."""
    assert values.duration(seconds) == written
    assert read(at_most(values.seconds, 10**9), written) == (seconds, [])
