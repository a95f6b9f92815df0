"""How a gate is split: what was seen of each argument, and the pieces that keep asking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from sallyport.model import Boundary, Impact, Json, JsonObject, Level, ToolRule
from sallyport.rules.boundary.narrowest import (
    Narrowing,
    NotNarrowed,
    Part,
    allowed,
    barred,
    narrowed,
    pieces,
)
from tests.unit.boundary.examples import pin, support, tool

TODAY = date(2026, 12, 1)
ASKS = "\nask: [{args: {x: %s}, who: [lead]}]"
MANY = [f"w{n}" for n in range(10)]


def rule_of(only: str, asked: str = "") -> ToolRule:
    """Return what a file says of a tool with an argument x, and of the entry that asks."""
    return tool(f"only: {{x: {only}}}" + (ASKS % asked if asked else ""), level="update")


def split(
    only: str, seen: Sequence[Json], *, asked: str = "", written: Json = None, lacking: int = 0
) -> Part | NotNarrowed | tuple[str, ...]:
    """Return how x is narrowed by the values that were seen of it; else what is left of it.

    `lacking` calls were seen that left it out.
    """
    rule = rule_of(only, asked)
    said: JsonObject = {} if written is None else {"x": written}
    calls: list[JsonObject] = [*({"x": one} for one in seen), *({} for _ in range(lacking))]
    found = narrowed(rule, rule.ask[0] if asked else None, said, calls)
    if isinstance(found, NotNarrowed):
        return found
    if not found.parts:
        return found.left
    (part,) = found.parts
    assert found.left == (() if part.valued or "task." in only else ("x",))
    return part


def x(within: Json, *rest: Json, valued: bool = True) -> Part:
    """Return a part of x."""
    return Part(argument="x", within=within, rest=rest, valued=valued)


WORDS = "{one_of: [a, b, c]}"
WORDS_SEEN: list[tuple[str, list[Json], Part | NotNarrowed | tuple[str, ...]]] = [
    (WORDS, ["a"], x({"one_of": ["a"]}, {"one_of": ["b", "c"]})),
    (WORDS, ["c", "a", "c"], x({"one_of": ["a", "c"]}, {"one_of": ["b"]})),
    (WORDS, ["a", "b", "c"], ("x",)),
    (WORDS, ["a", "z"], ("x",)),
    (WORDS, ["a", 5], ("x",)),
    ("{is: a}", ["a"], ()),
    ("{one_of: [a, 5]}", ["a"], ("x",)),
    ("{one_of: [a, 5]}", [5], ("x",)),
    ("{one_of: [1, 2, 3]}", [1], ("x",)),
    ("{max_length: 9}", ["a"], ("x",)),
    ("{starts_with: a}", ["ab"], ("x",)),
    ("{is: task.own}", ["a"], ()),
    ("{one_of: [a, task.own]}", ["a"], ()),
    ("{email: task.own}", ["ann@example.com"], ()),
    (
        f"{{one_of: [{', '.join(MANY)}]}}",
        [*MANY[:8]],
        x({"one_of": [*MANY[:8]]}, {"one_of": [*MANY[8:]]}),
    ),
    (f"{{one_of: [{', '.join(MANY)}]}}", [*MANY[:9]], ("x",)),
    ("any", ["a"], NotNarrowed(why="`x` may be anything, and was something else each time")),
    ("absent", ["a"], NotNarrowed(why="`x` may be anything, and was something else each time")),
]


@pytest.mark.parametrize("only, seen, found", WORDS_SEEN)
def test_words_that_were_seen_are_let_through_and_the_others_ask(
    only: str, seen: list[Json], found: Part | NotNarrowed | tuple[str, ...]
) -> None:
    """Where all that may be is listed, and few of it were seen; the task's own stays the task's."""
    assert split(only, seen) == found


D = Decimal
NUMBERS_SEEN: list[tuple[str, str, list[Json], Part | NotNarrowed | tuple[str, ...]]] = [
    (
        "{at_least: 0, at_most: 9}",
        "",
        [3, 5, 4],
        x(
            {"at_least": 3, "at_most": 5},
            {"at_least": 0, "below": 3},
            {"above": 5, "at_most": 9},
        ),
    ),
    (
        "{above: 0, below: 9}",
        "",
        [D("2.5")],
        x(
            {"at_least": D("2.5"), "at_most": D("2.5")},
            {"above": 0, "below": D("2.5")},
            {"above": D("2.5"), "below": 9},
        ),
    ),
    (
        "{at_least: 3, at_most: 9}",
        "",
        [3, 5],
        x({"at_least": 3, "at_most": 5}, {"above": 5, "at_most": 9}),
    ),
    (
        "{at_least: 3, at_most: 9}",
        "",
        [5, 9],
        x({"at_least": 5, "at_most": 9}, {"at_least": 3, "below": 5}),
    ),
    ("{at_least: 3, at_most: 9}", "", [3, 9], ("x",)),
    (
        "{at_least: 3}",
        "",
        [4],
        x({"at_least": 4, "at_most": 4}, {"at_least": 3, "below": 4}, {"above": 4}),
    ),
    (
        "{at_most: 9}",
        "",
        [4],
        x({"at_least": 4, "at_most": 4}, {"below": 4}, {"above": 4, "at_most": 9}),
    ),
    ("any", "", [4], x({"at_least": 4, "at_most": 4}, {"below": 4}, {"above": 4})),
    (
        "{at_least: 0, at_most: 9}",
        "{above: 2, below: 7}",
        [4],
        x(
            {"at_least": 4, "at_most": 4},
            {"above": 2, "below": 4},
            {"above": 4, "below": 7},
        ),
    ),
    (
        "{above: 0, below: 9}",
        "{at_least: 2, at_most: 7}",
        [4],
        x(
            {"at_least": 4, "at_most": 4},
            {"at_least": 2, "below": 4},
            {"above": 4, "at_most": 7},
        ),
    ),
    (
        "{at_least: 2, at_most: 7}",
        "{above: 0, below: 9}",
        [4],
        x(
            {"at_least": 4, "at_most": 4},
            {"at_least": 2, "below": 4},
            {"above": 4, "at_most": 7},
        ),
    ),
    (
        "{at_least: 0, at_most: 9}",
        "{above: 0, below: 9}",
        [4],
        x(
            {"at_least": 4, "at_most": 4},
            {"above": 0, "below": 4},
            {"above": 4, "below": 9},
        ),
    ),
    (
        "{above: 0, below: 9}",
        "{at_least: 0, at_most: 9}",
        [4],
        x(
            {"at_least": 4, "at_most": 4},
            {"above": 0, "below": 4},
            {"above": 4, "below": 9},
        ),
    ),
    ("{one_of: [1, 2, 9]}", "{at_most: 5}", [1], ("x",)),
    ("{at_most: 5.00 EUR}", "", [4], NotNarrowed(why="`x` is bounded otherwise than by numbers")),
    (
        "{at_least: 0}",
        "{at_most: 5.00 EUR}",
        [4],
        NotNarrowed(why="`x` is bounded otherwise than by numbers"),
    ),
]


@pytest.mark.parametrize("only, asked, seen, found", NUMBERS_SEEN)
def test_of_numbers_the_stretch_that_was_seen_is_let_through(
    only: str, asked: str, seen: list[Json], found: Part | NotNarrowed | tuple[str, ...]
) -> None:
    """What lies below and above it, up to the tighter of two bounds, asks."""
    assert split(only, seen, asked=asked) == found


REST: list[tuple[str, list[Json]]] = [
    ("{one_of: [d, c, b]}", ["c"]),
    ("{one_of: [c, 5, b]}", ["c"]),
    ("{max_length: 2}", ["a", "c", "bb"]),
    ("{starts_with: b}", ["bb", "bbb"]),
    ("{one_of: [b, task.own]}", []),
]


@pytest.mark.parametrize("asked, rest", REST)
def test_words_that_the_entry_did_not_ask_about_are_not_asked_about_afterwards(
    asked: str, rest: list[Json]
) -> None:
    """They were refused, and still are: what is left is what tool and entry both allow."""
    found = split("{one_of: [a, b, c, bb, bbb]}", ["b"], asked=asked)

    assert found == (x({"one_of": ["b"]}, {"one_of": rest}) if rest else ())


def test_words_may_be_listed_by_the_tool_or_by_the_entry() -> None:
    """Where one of the two lists something else as well, the other has the words."""
    found = split("{one_of: [5, a, b]}", ["a"], asked="{one_of: [b, c, a]}")

    assert found == x({"one_of": ["a"]}, {"one_of": ["b"]})


MIXED: Json = {"one_of": ["a", "b"], "optional": True}
OPTIONAL = "{one_of: [a, b], optional: true}"
LEFT_OUT: list[tuple[str, Json, list[Json], int, Part | NotNarrowed | tuple[str, ...]]] = [
    (OPTIONAL, MIXED, [], 2, x("absent", {"one_of": ["a", "b"]})),
    (OPTIONAL, None, [], 1, x("absent", "any")),
    ("{max_length: 9, optional: true}", {"optional": True}, [], 1, x("absent", "any")),
    (
        OPTIONAL,
        MIXED,
        ["a"],
        1,
        x({"one_of": ["a"], "optional": True}, {"one_of": ["b"]}),
    ),
    (OPTIONAL, MIXED, ["a"], 0, x({"one_of": ["a"]}, {"one_of": ["b"]}, "absent")),
    (
        OPTIONAL,
        MIXED,
        ["a", "b"],
        0,
        x({"one_of": ["a", "b"]}, "absent", valued=False),
    ),
    (OPTIONAL, MIXED, ["a", "b"], 1, ("x",)),
    ("{max_length: 9, optional: true}", None, ["a"], 0, x("any", "absent", valued=False)),
    ("{is: task.own, optional: true}", None, ["a"], 0, x("any", "absent", valued=False)),
    ("{is: task.own, optional: true}", None, ["a"], 1, ()),
    ("{one_of: [a, b]}", None, ["a"], 1, x({"one_of": ["a"]}, {"one_of": ["b"]})),
    ("{one_of: [a, b]}", None, [], 1, ("x",)),
]


@pytest.mark.parametrize("only, written, seen, lacking, found", LEFT_OUT)
def test_what_was_always_there_or_never_stays_so(
    only: str,
    written: Json,
    seen: list[Json],
    lacking: int,
    found: Part | NotNarrowed | tuple[str, ...],
) -> None:
    """Otherwise it asks as before: left out where it was given, or given where it was left out."""
    assert split(only, seen, written=written, lacking=lacking) == found


def test_what_the_entry_bounds_is_not_open() -> None:
    """Then it is left to the owner's bound; with no bound at all nothing is proposed."""
    assert split("any", ["a"], asked="{max_length: 9}") == ("x",)
    assert isinstance(split("any", ["a"], asked="any"), NotNarrowed)


def test_an_argument_may_be_left_out_only_where_tool_and_entry_let_it() -> None:
    """So where one of them needs it, nothing is said of calls without it."""
    needed = split(OPTIONAL, ["a"], asked="{one_of: [b, a]}")

    assert needed == x({"one_of": ["a"]}, {"one_of": ["b"]})


def test_numbers_that_name_records_are_let_through_one_by_one() -> None:
    """Between two of them lie those of others."""
    rule = tool("only: {account_id: {at_least: 1}}", level="update")

    def seen(*numbers: int) -> Narrowing | NotNarrowed:
        return narrowed(rule, None, {}, [{"account_id": one} for one in numbers])

    assert seen(5, 9) == NotNarrowed(
        why="`account_id` names records, and others have numbers between theirs"
    )
    one = seen(5, 5)
    assert isinstance(one, Narrowing)
    assert [part.within for part in one.parts] == [{"at_least": 5, "at_most": 5}]


TEMPLATED = [
    ("body: {ack: {text: Thank you.}}", True),
    ("body: {ack: {text: 'Yours, {who}', slots: {who: {is: task.own}}}}", True),
    ("body: {ack: {text: 'Yours, {who}', slots: {who: {is: me}}}}", True),
    ("body: {ack: {text: 'Yours, {who}', slots: {who: {one_of: [me, you]}}}}", False),
    ("body: {ack: {text: Thank you.}, nack: {text: Sorry.}}", False),
]


@pytest.mark.parametrize("templates, is_one", TEMPLATED)
def test_a_text_of_templates_passes_only_where_it_can_be_no_other(
    templates: str, is_one: bool
) -> None:
    """An entry says nothing of an argument that has templates, so not which of them was seen."""
    body = f"templates: {{{templates}}}\nonly: {{body: {{max_length: 50}}, x: {WORDS}}}"
    seen: JsonObject = {"body": "Thank you.", "x": "a"}
    found = narrowed(tool(body, level="update"), None, {}, [seen])

    assert found == (
        Narrowing(parts=(x({"one_of": ["a"]}, {"one_of": ["b", "c"]}),), left=())
        if is_one
        else NotNarrowed(why="`body` may be one of several texts, and no entry can say which")
    )


def test_the_pieces_of_several_arguments_do_not_meet() -> None:
    """What is not the first asks; of the first, what is not the second; and so on."""
    parts = (
        Part(argument="x", within={"one_of": ["a"]}, rest=({"one_of": ["b"]},)),
        Part(argument="z", within={"at_least": 2, "at_most": 3}, rest=({"below": 2}, {"above": 3})),
    )
    written: JsonObject = {"v": {"is": 1}, "z": {"at_least": 0}}

    assert allowed(written, parts) == {
        "v": {"is": 1},
        "x": {"one_of": ["a"]},
        "z": {"at_least": 2, "at_most": 3},
    }
    assert list(pieces(written, parts)) == [
        {"v": {"is": 1}, "z": {"at_least": 0}, "x": {"one_of": ["b"]}},
        {"v": {"is": 1}, "z": {"below": 2}, "x": {"one_of": ["a"]}},
        {"v": {"is": 1}, "z": {"above": 3}, "x": {"one_of": ["a"]}},
    ]
    assert allowed({}, ()) == {}


def test_arguments_of_the_tool_and_of_the_entry_are_narrowed_in_the_order_of_the_file() -> None:
    """Those of the tool first; where one cannot be, nothing is."""
    body = (
        "only: {z: {one_of: [a, b]}, w: {max_length: 9}}\\n"
        "ask: [{args: {x: {at_least: 0}, z: {one_of: [b, a]}}, who: [lead]}]"
    )
    rule = tool(body.replace("\\n", "\n"), level="update")
    call: JsonObject = {"z": "a", "w": "text", "x": 5}

    assert narrowed(rule, rule.ask[0], {}, [call]) == Narrowing(
        parts=(
            Part(argument="z", within={"one_of": ["a"]}, rest=({"one_of": ["b"]},)),
            x({"at_least": 5, "at_most": 5}, {"at_least": 0, "below": 5}, {"above": 5}),
        ),
        left=("w",),
    )
    open_too = replace(rule, only={**rule.only, **tool("only: {v: any}").only})
    assert narrowed(open_too, None, {}, [{**call, "v": "a"}]) == NotNarrowed(
        why="`v` may be anything, and was something else each time"
    )


DESK = support()
LABEL = ToolRule(tool="tickets.update", system="desk", level=Level.UPDATE)
BARRED: list[tuple[ToolRule, str]] = [
    (LABEL, ""),
    (replace(LABEL, touches=frozenset({Impact.RECORDS})), ""),
    (replace(LABEL, irreversible=True, level=Level.EXTERNAL), "nobody can take it back"),
    (replace(LABEL, level=Level.EXTERNAL), "it leaves the house"),
    (
        replace(LABEL, touches=frozenset({Impact.RECORDS, Impact.MONEY})),
        "it touches money",
    ),
    (
        replace(LABEL, touches=frozenset({Impact.MONEY, Impact.CUSTOMER_COMMUNICATION})),
        "it touches customer communication, money",
    ),
]


def with_rule(rule: ToolRule, *hints: str) -> Boundary:
    """Return the support desk with this tool alone, whose definition says this of itself."""
    told: JsonObject = dict.fromkeys(hints, True)
    return replace(
        DESK,
        workflow=replace(DESK.workflow, tools={rule.tool: rule}),
        pins={rule.tool: pin(rule.tool, annotations=told)},
    )


@pytest.mark.parametrize("rule, why", BARRED)
def test_what_leads_out_or_cannot_be_put_right_always_asks(rule: ToolRule, why: str) -> None:
    """However often it was approved."""
    assert barred(with_rule(rule), rule, TODAY) == why


def test_what_is_behind_a_gate_always_asks() -> None:
    """A definition that says that it destroys puts it there; one of another tool does not."""
    destroys = with_rule(LABEL, "destructiveHint")

    assert barred(destroys, LABEL, TODAY) == "it is behind the gate `deleting`"
    assert barred(destroys, replace(LABEL, tool="other"), TODAY) == ""
