"""What each line about an argument is read as, and what is said of one that cannot be meant.

`golden/texts/arguments.txt` has every line of below with its reading, or with the place and words
of each problem. `make said` writes it anew; read what changed before it is committed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sallyport.model import Constraint, Mailbox, Operator
from sallyport.rules.boundary.arguments import ADVICE, LENGTH_MAX, WORDS, ArgumentReader
from sallyport.rules.boundary.load import load_workflow
from sallyport.rules.boundary.problems import Collector
from tests.sentences import WRITE
from tests.unit.boundary.examples import problems_of, tool
from tests.unit.boundary.gallery import one_tool

GOLDEN = Path(__file__).parent / "golden" / "texts" / "arguments.txt"

ASKED = (
    "any", "absent", "sometimes", "5", "[1]", "{}", "{optional: true}", "{optional: maybe, is: a}",
    "{any: true}", "{any: true, optional: true}", "{any: false}", "{any: 1}", "{any: [true]}",
    "{absent: true}", "{absent: true, optional: true}", "{absent: true, any: true}",
    "{si: a}", "{si: a, is: b}",
    # Literals.
    "{is: a}", "{is: ''}", "{is: 5}", "{is: 5.50}", "{is: true}", "{is: null}", "{is: [a]}",
    "{is: {a: b}}", "{is: '*'}", "{is: 'a*'}", "{is: task.own}", "{is: task.owm}",
    "{is: tasks.own}",
    "{is: 5.00 EUR}", "{is: 5.00 XYZ}", "{is: 5.001 EUR}", "{is: 5.5 JPY}", "{is: 5.00 JPY}",
    "{is: 5.50 EUR}", "{is: '5.00 '}", "{is: a, optional: true}",
    "{one_of: [a, 5, true, 5.00 EUR, task.own]}", "{one_of: [a]}", "{one_of: []}", "{one_of: a}",
    "{one_of: {a: b}}", "{one_of: [a, '*', [b], null, task.nix]}",
    "{only: [a, 5]}", "{only: []}", "{only: a}", "{only: [a], at_most: 3 items}",
    # Ranges.
    "{at_least: 5}", "{above: 5}", "{at_most: 5.5}", "{below: -5}", "{at_least: 5, at_most: 7}",
    "{at_most: 5.00 EUR}", "{below: 5.00 EUR}", "{at_most: 0.00 EUR}", "{at_most: -1.00 EUR}",
    "{at_least: 1.00 EUR, at_most: 5.00 EUR}", "{above: -5.00 EUR, below: 5.00 EUR}",
    "{above: 5.00 EUR}", "{at_least: 5, at_most: 7.00 EUR}", "{at_most: 5.00 XYZ}",
    "{at_most: 5.00 EUS}", "{at_most: 5.001 EUR}", "{at_most: 5.5 JPY}", "{at_most: 5 JPY}",
    "{at_least: 1.00 EUR, at_most: 5.00 USD}", "{at_most: 5.001 BHD}", "{at_most: 5.5 XYZ}",
    "{at_least: 2026-01-02}", "{below: '2026-01-01T12:00:00Z'}",
    "{above: '2026-01-01T13:00:00+01:00'}", "{above: '2026-01-01T12:00:00'}",
    "{at_least: 1 items, at_most: 3 items}", "{at_most: 1 item}", "{at_most: 999999 items}",
    "{at_most: 1000000 items}", "{at_most: 01 items}", "{at_most: -1 items}", "{above: soon}",
    "{above: true}", "{above: [1]}", "{above: {a: 1}}", "{above: null}", "{above: 2026-13-01}",
    "{at_least: 5, above: 5}", "{at_most: 5, below: 5}", "{at_least: 5, at_most: 2026-01-01}",
    "{at_least: 1 items, at_most: 5}", "{at_least: 5, max_length: 5}",
    "{at_least: 2026-01-01, max_length: 10}",
    "{at_least: 2026-01-01, at_most: '2026-01-01T12:00:00Z'}",
    "{at_most: 5.00 EUR, starts_with: '5'}",
    # Texts.
    "{max_length: 1}", "{max_length: 10000000}", "{max_length: 10000001}", "{max_length: 0}",
    "{max_length: a}", "{starts_with: ab}", "{starts_with: ab, max_length: 5}", "{starts_with: ''}",
    "{starts_with: 5}", "{starts_with: 'https://a.org'}", "{starts_with: /srv}",
    "{starts_with: ./a}", "{starts_with: ../a}", "{starts_with: '~/a'}", "{starts_with: 'a*'}",
    "{starts_with: '\\\\a'}", "{starts_with: a/b}", "{starts_with: task.own}",
    "{starts_with: a, is: ab}", "{is: a, max_length: 3}", "{is: a, one_of: [b]}",
    "{is: a, one_of: [b], max_length: 3}", "{any: true, max_length: 3}",
    "{at_least: 5, above: 5, any: true}", "{one_of: [a], max_length: 3}", "{is: a, any: true}",
    "{absent: true, max_length: 3}", "{any: true, absent: true, is: a, one_of: [b]}",
    "{at_least: 5, at_most: 7, each: {is: a}}", "{email: any, at_most: 5, max_length: 9}",
    # Places.
    "{domain: any}", "{domain: a.org}", "{domain: [a.org, under b.org]}", "{domain: []}",
    "{domain: [[a]]}", "{domain: 5}", "{domain: '*.a.org'}", "{domain: 'a b'}",
    "{domain: task.own}",
    "{domain: task.nix}", "{domain: {a: b}}", "{domain: [any]}", "{email: any}",
    "{email: ann@a.org}", "{email: '@a.org'}", "{email: ann}", "{email: [ann@a.org, task.own]}",
    "{email: any, max_length: 20}", "{email: any, domain: any}", "{email: any, at_most: 5}",
    "{email: any, starts_with: a}", "{url: any}", "{url: 'https://a.org/x'}", "{url: a.org}",
    "{path_under: /srv}", "{path_under: any}", "{path_under: [any]}", "{path_under: /a/../b}",
    "{path_under: task.own}", "{path_under: 5}",
    # Lists.
    "{each: {is: a}}", "{each: {}}", "{each: a}", "{each: {at_most: 5.00 EUR}}", "{each: {si: a}}",
    "{each: {each: {is: a}}}", "{each: {any: true}}", "{each: {at_most: 3 items}}",
    "{each: {above: 1 items, below: 3 items}}", "{each: {is: a, one_of: [b]}}",
    "{each: {is: a, max_length: 3}}", "{each: {email: any, domain: any}}",
    "{each: {is: a}, at_most: 3 items}", "{each: {is: a}, at_most: 3}",
    "{each: {is: a}, only: [a]}",
    "{each: {is: a}, max_length: 3}", "{each: {is: task.nix}}", "{some: {is: a}}",
    "{each: {optional: true}}",
)  # fmt: skip
FORBIDDEN = (
    "{is: a}", "{at_most: 5.00 EUR}", "{some: {is: a}}", "{some: {at_most: 5.00 EUR}}",
    "{each: {is: a}}", "{only: [a]}", "{only: [a], each: {is: a}}", "{some: {each: {is: a}}}",
    "{some: {at_most: 3 items}}", "{some: {}}", "{some: a}", "{some: {si: a}}",
    "{some: {is: a}, above: 3 items}", "{some: {is: a}, at_most: 3}",
)  # fmt: skip
WHERE = {"only": "only: {{a: {}}}", "never": "never: [{{args: {{a: {}}}}}]"}
LINES = (*(("only", one) for one in ASKED), *(("never", one) for one in FORBIDDEN))


def told(where: str, said: str) -> str:
    """Return a line with what it is read as, or with what is wrong with it."""
    body = WHERE[where].format(said)
    problems = problems_of(one_tool(body))
    found = [f"{one.column} {one.code}: {one.what}; {one.fix}" for one in problems]
    if not found:
        rule = tool(body)
        read = rule.only["a"] if where == "only" else rule.never[0].args["a"]
        found = [*map(_shown, read.constraints), *(["optional"] if read.optional else [])]
    return "\n".join([f"{where} {said}", *(f"    {one}" for one in found)])


def _shown(one: Constraint) -> str:
    inner = f" of {', '.join(map(_shown, one.inner))}" if one.inner else ""
    return f"{one.operator.value} {', '.join(map(repr, one.bounds))}{inner}".rstrip()


def golden() -> list[str]:
    """Return what each line was told before."""
    return GOLDEN.read_text(encoding="utf-8").removesuffix("\n").split("\n\n")


@pytest.mark.parametrize("number", range(len(LINES)))
def test_a_line_is_told_as_in_the_golden_text(number: int) -> None:
    """With the column of each problem, since an editor goes there."""
    if WRITE and number == 0:
        GOLDEN.write_text("\n\n".join(told(*one) for one in LINES) + "\n", encoding="utf-8")
    assert told(*LINES[number]) == golden()[number]


def test_a_name_that_no_argument_has_is_an_error() -> None:
    """A star is no wildcard there either."""
    found = problems_of(one_tool("only: {'a*': any, 'a b': any}"))

    assert [(one.column, one.what) for one in found] == [
        (12, "`a*` is a pattern, not the name of an argument"),
        (23, "`a b` cannot be the name of an argument"),
    ]


@pytest.mark.parametrize("own", ["{}", "{other: text, owner: text}"])
def test_an_input_that_no_task_binds_is_named(own: str) -> None:
    """With those that there are, or how to add one."""
    text = one_tool("only: {a: {is: task.nix}}").replace("task: {own: text}", f"task: {own}")
    fix = "add `nix` under `task`" if own == "{}" else "use one of: other, owner"

    assert [(one.what, one.fix) for one in problems_of(text) if "`task.nix`" in one.what] == [
        ("`task.nix` is not an input of the task", fix)
    ]


def test_a_wrong_line_makes_its_whole_file_unsure_and_a_right_one_does_not() -> None:
    """Entries of which one could not be read are not compared with the others."""
    pair = "allow: [{{args: {{a: {{{}: 5}}}}}}, {{args: {{a: {{at_least: 4}}}}}}]"
    both = [problems_of(one_tool(pair.format(word))) for word in ("at_least", "at_leats")]

    assert [[one.code for one in found] for found in both] == [
        ["boundary.overlap"],
        ["boundary.unknown_word"],
    ]


def test_a_reader_that_has_reported_nothing_is_sure() -> None:
    """Of what it has read so far, which may be nothing."""
    reader = ArgumentReader(Collector("w.yaml"), {})

    assert not reader.unsure
    assert reader.rules(None, "`only`") == {}
    assert not reader.unsure


INSTEAD = {
    "write `is`": "equals equal eq exact exactly value const",
    "write `one_of`": "in enum any_of choices",
    "write `at_least`": "min minimum from gte",
    "write `at_most`": "max maximum to lte up_to",
    "write `above`": "more_than greater_than over gt",
    "write `below`": "less_than under lt",
    "write for example `at_most: 3 items`": "max_items count",
    "write for example `at_least: 1 items`": "min_items",
    "write `starts_with`, or `url` or `path_under`": "prefix begins_with",
    "write `domain` or `email`: what a text ends with says little about where it leads": (
        "suffix ends_with"
    ),
    "name what you mean, since there are no patterns: `one_of`, `email`, `url`, `path_under`": (
        "matches match pattern regex like glob"
    ),
    "write `some` under `never`, or `only` for a whole list": "contains has",
    "write an entry under `never`": "not is_not none_of except",
    "write `path_under`": "folder directory path inside",
    "write `email`": "mail address recipient",
    "write `domain`": "host hostname",
    "write `any: true`: what is not optional is required": "required present",
}


@pytest.mark.parametrize("fix", INSTEAD)
def test_a_word_from_elsewhere_is_answered_with_ours(fix: str) -> None:
    """Whoever knows another vocabulary finds the word for what they mean."""
    words = INSTEAD[fix].split()
    body = ", ".join(f"a{at}: {{{word}: 5}}" for at, word in enumerate(words))

    assert [(one.what, one.fix) for one in problems_of(one_tool(f"only: {{{body}}}"))] == [
        (f"unknown word `{word}` in the constraints on `a{at}`", fix)
        for at, word in enumerate(words)
    ]


def test_no_word_from_elsewhere_is_one_of_ours() -> None:
    """It would never be answered; and every answer is tested above."""
    assert not ADVICE.keys() & set(WORDS)
    assert sorted(ADVICE) == sorted(word for words in INSTEAD.values() for word in words.split())


def test_the_words_are_those_of_the_model_and_optional() -> None:
    """Each operator under its own name."""
    assert (*(operator.value for operator in Operator), "optional") == WORDS
    assert LENGTH_MAX == 10_000_000


def test_an_address_is_parsed_once_when_the_file_is_loaded() -> None:
    """A call is compared with what was parsed, not with what was written."""
    rule = load_workflow(one_tool("only: {a: {email: Ann@A.ORG}}"), "w.yaml").tools["t"]
    (bound,) = rule.only["a"].constraints[0].bounds

    assert isinstance(bound, Mailbox)
    assert (bound.local, bound.domain.name) == ("Ann", "a.org")
