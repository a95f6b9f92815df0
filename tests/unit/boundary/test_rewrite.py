"""Entries are put into a file as its owner would write them, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.errors import BadInputError
from sallyport.model import Json, JsonObject
from sallyport.rules.boundary.problems import Collector
from sallyport.rules.boundary.rewrite import entries, flow, with_entries
from sallyport.rules.boundary.yaml_strict import parse, to_json

HEAD = "# A remark at the top.\nworkflow: w\n"
FIRST = """\
  first:  # the first
    level: read
    allow:
      - args: {a: {is: 1}}

      # Why the second stands here.
      - args: {a: {is: 2}}
        because: two

    # What asks.
    ask: [{who: [lead]}, soon]
    when:
      state: [open]

"""
SECOND = """\
  # The second tool.
  second:
      level: read
"""
TAIL = "\n# The end.\nlimits: {calls_per_task: 5}\n# Really.\n"
FILE = f"{HEAD}tools:\n{FIRST}{SECOND}{TAIL}"


def test_the_entries_of_a_tool_are_read_as_plain_values() -> None:
    """Of the word that is asked for; what is no entry is none."""
    assert entries(FILE, "first", "allow") == [
        {"args": {"a": {"is": 1}}},
        {"args": {"a": {"is": 2}}, "because": "two"},
    ]
    assert entries(FILE, "first", "ask") == [{"who": ["lead"]}]
    assert entries(FILE, "first", "when") == []
    assert entries(FILE, "second", "allow") == []


NEW: dict[str, tuple[str, Mapping[str, Sequence[JsonObject]], str]] = {
    "in the place of what stood there": (
        "first",
        {"allow": [{"args": {}}]},
        FILE.replace(
            FIRST[FIRST.index("      - args") : FIRST.index("\n    # What asks.")],
            "      - args: {}\n",
        ),
    ),
    "in the middle": (
        "first",
        {"ask": [{"who": ["a", "b c"], "within": "4h"}, {"who": ["lead"]}]},
        FILE.replace(
            "    ask: [{who: [lead]}, soon]\n",
            '    ask:\n      - who: [a, "b c"]\n        within: 4h\n      - who: [lead]\n',
        ),
    ),
    "the last word": (
        "first",
        {"when": [{"a": 1}]},
        FILE.replace("    when:\n      state: [open]\n", "    when:\n      - a: 1\n"),
    ),
    "a word taken away": (
        "first",
        {"ask": []},
        FILE.replace("    ask: [{who: [lead]}, soon]\n", ""),
    ),
    "a word that was not there": (
        "first",
        {"never": [{"when": {"state": ["shut"]}}]},
        FILE.replace(
            "      state: [open]\n",
            "      state: [open]\n    never:\n      - when: {state: [shut]}\n",
        ),
    ),
    "the last tool, further in": (
        "second",
        {"ask": [{"who": ["lead"]}], "allow": []},
        FILE.replace(
            "      level: read\n\n# The",
            "      level: read\n      ask:\n        - who: [lead]\n\n# The",
        ),
    ),
}


@pytest.mark.parametrize("case", NEW)
def test_what_stands_around_an_entry_stays_to_the_letter(case: str) -> None:
    """Remarks and blank lines belong to what comes after them."""
    tool, new, after = NEW[case]

    assert after != FILE
    assert with_entries(FILE, tool, new) == after


def test_a_file_may_end_with_the_tool_and_without_a_line_break() -> None:
    """Or in the middle of a word, or with blank lines."""
    text = f"{HEAD}tools:\n{SECOND.rstrip()}"
    put = "      ask:\n        - who: [lead]\n"
    new: Mapping[str, Sequence[JsonObject]] = {"ask": [{"who": ["lead"]}]}

    assert with_entries(text, "second", new) == f"{text}\n{put}"
    assert with_entries(f"{text}\n", "second", new) == f"{text}\n{put}"
    assert with_entries(f"{text}\n\n", "second", new) == f"{text}\n{put}\n"
    assert with_entries(f"{text}\n\n#\n", "second", new) == f"{text}\n{put}\n#\n"
    assert with_entries(f"{text}\n{put}", "second", {"ask": []}) == f"{text}\n"
    assert with_entries(text, "second", {}) == text


IN_ONE_LINE = [
    "{level: read}",
    "{level: read,\n    only: {a: any}}",
    "\n    {level: read, only: {a: any}}",
    "\n    {level: read,\n     only: {a: any}}",
    "{\n    level: read, only: {a: any}}",
]


@pytest.mark.parametrize("written", IN_ONE_LINE)
def test_a_tool_in_one_line_is_left_alone(written: str) -> None:
    """It says so, and changes nothing."""
    with pytest.raises(BadInputError) as raised:
        with_entries(f"{HEAD}tools:\n  t: {written}\n", "t", {"ask": []})

    assert raised.value.what == "the tool is written in one line, and nothing can be put there"
    assert raised.value.fix == "write one word a line below the tool's name, and ask again"


@pytest.mark.parametrize("text", [FILE, f"{HEAD}tools: [a]\n", HEAD, f"{HEAD}tools: {{t: 5}}\n"])
def test_a_tool_that_is_not_there_is_named(text: str) -> None:
    """As far as a name goes."""
    with pytest.raises(BadInputError) as raised:
        entries(text, "t" * 81, "ask")
    assert raised.value.what == f"the file has no tool `{'t' * 80}`"
    assert raised.value.fix == "name one that it declares"
    with pytest.raises(BadInputError, match="no tool `t`"):
        with_entries(text, "t", {"ask": []})


@pytest.mark.parametrize("text", ["", "[a]\n", "a: [\n"])
def test_a_file_without_words_is_told(text: str) -> None:
    """Whatever else it is."""
    for act in (lambda: entries(text, "t", "ask"), lambda: with_entries(text, "t", {"ask": []})):
        with pytest.raises(BadInputError) as raised:
            act()
        assert raised.value.what == "the file has no words"
        assert raised.value.fix == "check it with `sallyport boundary check`"


WRITTEN: list[tuple[Json, str]] = [
    ({"one_of": ["open", "no", "a b"]}, '{one_of: [open, "no", "a b"]}'),
    ({"at_most": 50, "optional": True}, "{at_most: 50, optional: true}"),
    ({"a b": None}, '{"a b": null}'),
    ([], "[]"),
    ({}, "{}"),
    (False, "false"),
    (-5, "-5"),
    (Decimal("5.00"), "5.00"),
    (Decimal("1E+3"), "1000"),
    ("50.00 EUR", "50.00 EUR"),
    ("50 EUR", "50 EUR"),
    ("2027-01-31", "2027-01-31"),
    ("90s", "90s"),
    ("task.ticket_id", "task.ticket_id"),
    ("a-b_C9.d-e", "a-b_C9.d-e"),
    ("a", "a"),
    ("a.", '"a."'),
    ("_a", '"_a"'),
    ("017", '"017"'),
    ("5", '"5"'),
    ("", '""'),
    ("a: b", '"a: b"'),
    ("\u00e9t\u00e9", '"\u00e9t\u00e9"'),
    ('"', '"\\""'),
    *(
        (word, f'"{word}"')
        for word in ("yes", "No", "ON", "off", "y", "n", "true", "False", "null")
    ),
]


@pytest.mark.parametrize("value, text", WRITTEN, ids=str)
def test_values_are_written_so_that_they_are_read_as_they_were(value: Json, text: str) -> None:
    """Words that YAML reads in two ways are quoted, and what people read best stays plain."""
    assert flow(value) == text

    out = Collector("w")
    node = parse(f"x: {text}\n", out)
    assert out.found == []
    assert node is not None
    assert to_json(node) == {"x": value}


texts = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], codec="utf-8"), max_size=8)


@given(st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | texts, st.lists, max_leaves=4))
def test_any_value_is_read_as_it_was_written(value: Json) -> None:
    """Whatever an approved call held, as long as it can be seen."""
    out = Collector("w")
    node = parse(f"x: {flow(value)}\n", out)
    if not out.found:
        assert node is not None
        assert to_json(node) == {"x": value}
