"""`always`: lines that are true or false, and never quietly mean nothing."""

from __future__ import annotations

import pytest

from sallyport.model import Impact, Level, Verdict
from sallyport.rules.boundary.diff import diff
from sallyport.rules.boundary.explain import explain
from tests.unit.boundary.examples import WORKFLOW, problems_of, support
from tests.unit.boundary.gallery import one_tool
from tests.unit.boundary.test_editor import VALIDATOR, read

LINES = (
    "{tool: tickets.update, args: {refund: {at_most: 500.00 EUR}}}",
    "{tool: tickets.update, args: {refund: {at_most: 501.00 EUR}}}",
    "{tool: tickets.update, args: {status: {one_of: [open]}}}",
    "{tool: mail.send, args: {to: {is: task.customer_email}}}",
    "{level: external, at_least: ask}",
    "{level: external, at_least: draft}",
    "{level: [external, update], at_least: ask}",
    "{touches: money, at_least: ask}",
    "{touches: [access, money], at_least: ask}",
    "{system: desk, at_least: ask}",
    "{tool: mail.send, at_least: ask}",
    "{tool: mail.send, system: desk, at_least: ask}",
    "{sum: refund_per_day, at_most: 500.00 EUR}",
    "{sum: refund_per_task, at_most: 500.00 EUR}",
    "{sum: calls_per_day, at_most: 500}",
    "{sum: sent_per_day, at_most: 3, each: to}",
)


def always(*lines: str) -> str:
    """Return the support desk's file with these lines under `always`."""
    return f"{WORKFLOW}always:\n" + "".join(f"  - {line}\n" for line in lines)


def test_each_form_becomes_what_it_says() -> None:
    """Arguments that fit, how strictly calls are treated, how much is counted."""
    fits, treated, summed = support(always(LINES[0], LINES[8], LINES[12])).workflow.always

    assert (fits.where, fits.tools, set(fits.args)) == (
        "always[0]",
        ("tickets.update",),
        {"refund"},
    )
    assert (treated.touches, treated.at_least) == ((Impact.ACCESS, Impact.MONEY), Verdict.ASK)
    assert summed.at_most is not None
    assert summed.at_most.told(summed.at_most.at_most) == "500.00 EUR"


@pytest.mark.parametrize("line", LINES)
def test_every_line_has_a_sentence_of_its_own(line: str) -> None:
    """Lines of different meaning read differently, have different digests, and differ in `diff`."""
    one = support(always(line))

    assert "What is proved of every version" in explain(one)
    assert diff(support(), one)
    for other in (support(always(each)) for each in LINES if each != line):
        assert one.digest != other.digest
        assert _sentences(explain(one)) != _sentences(explain(other))
        assert diff(one, other)


def _sentences(text: str) -> str:
    return text.partition("What is proved of every version")[2].partition("\n\n")[0]


@pytest.mark.parametrize(
    "line, code, what",
    [
        ("{tool: tickets.updat, at_least: ask}", "unknown_tool", "`tickets.updat` is not declared"),
        ("{tool: tickets.update, args: {refnd: {is: 1}}}", "unknown_argument", "names `refnd`"),
        ("{tool: tickets.update, args: {}}", "empty", "names no argument"),
        ("{tool: mail.send, args: {body: {max_length: 9, optional: true}}}", "pointless", "left out fits anyway"),  # noqa: E501
        ("{args: {body: {max_length: 9}}}", "missing_word", "lacks `tool`"),
        ("{level: externl, at_least: ask}", "unknown_word", "`externl` is not a level"),
        ("{level: external, at_least: allow}", "unknown_word", "not a stricter verdict"),
        ("{level: [], at_least: ask}", "empty", "empty list"),
        ("{at_least: ask}", "missing_word", "does not say of which tools"),
        ("{tool: mail.send}", "not_one_claim", "says nothing"),
        ("{tool: mail.send, args: {body: any}, at_least: ask}", "not_one_claim", "more than one thing"),  # noqa: E501
        ("{sum: refund_per_day, at_most: 1.00 EUR, level: read}", "pointless", "says nothing beside `sum`"),  # noqa: E501
        ("{sum: refund_per_day, at_most: 1.00 USD}", "unknown_argument", "no tool of this file has"),  # noqa: E501
        ("{sum: refund_per_week, at_most: 1.00 EUR}", "unknown_word", "unknown limit"),
        ("{sum: refund_per_day}", "missing_word", "lacks `at_most`"),
        ("{sum: refund_per_day, at_most: [1.00 EUR]}", "wrong_type", "not one value"),
        ("{sum: sent_per_day, at_most: 3, each: too}", "unknown_argument", "argument `too`"),
        ("{refund: 500}", "unknown_word", "unknown word `refund`"),
        ("refund above 500 is never reachable", "wrong_type", "not a table"),
    ],
)  # fmt: skip
def test_a_line_that_would_hold_nothing_is_an_error(line: str, code: str, what: str) -> None:
    """With its place, and what to write instead."""
    found = [one for one in problems_of(always(line)) if one.code == f"boundary.{code}"]

    assert [one for one in found if what in one.what], problems_of(always(line))
    assert all(one.line and one.fix for one in found)


@pytest.mark.parametrize("word", ["always: []", "always: {level: external}", "always: yes it does"])
def test_what_is_no_list_of_lines_is_an_error(word: str) -> None:
    """An owner who writes `always` relies on it."""
    assert problems_of(f"{WORKFLOW}{word}\n")


def test_too_many_lines_are_an_error() -> None:
    """Somebody should be able to read them: fifty, and no more."""
    line = "{level: external, at_least: ask}"
    (one,) = problems_of(always(*[line] * 51))

    assert (one.code, one.what) == ("boundary.too_large", "`always` has more than 50 lines")
    assert problems_of(always(*[line] * 50)) == ()


@pytest.mark.parametrize(
    "line, what",
    [
        ("{tool: mail.send, args: soon}", "`args` is not a table of words"),
        ("{tool: [], at_least: ask}", "a tool is an empty list"),
        ("{system: [], at_least: ask}", "a system is an empty list"),
        ("{level: [], at_least: ask}", "a level is an empty list"),
        ("{touches: [], at_least: ask}", "an impact is an empty list"),
        ("{tool: 5, at_least: ask}", "a tool is not text"),
        ("{tool: [mail.send, 5], at_least: ask}", "a tool is not text"),
        ("{system: 5, at_least: ask}", "a system is not text"),
        ("{level: 5, at_least: ask}", "a level is not text"),
        ("{touches: 5, at_least: ask}", "an impact is not text"),
        ("{touches: [money, 5], at_least: ask}", "an impact is not text"),
    ],
)
def test_what_is_wrong_in_one_place_is_said_once(line: str, what: str) -> None:
    """Nothing else is made of it."""
    assert [one.what for one in problems_of(always(line))] == [what]


@pytest.mark.parametrize(
    "body",
    [
        "allow: [{args: {a: {is: 1}}}]",
        "ask: [{who: [r], args: {a: {is: 1}}}]",
        "never: [{args: {a: {is: 1}}}]",
        "only: {a: {is: 1}}",
        "templates: {a: {one: {text: hello}}}",
    ],
)
def test_an_argument_is_known_wherever_its_tool_names_it(body: str) -> None:
    """In any entry, in `only`, or as a text that is filled in; another is not."""
    text = one_tool(body) + "always: [{tool: t, args: {NAME: {is: 1}}}]\n"

    assert problems_of(text.replace("NAME", "a")) == ()
    assert [one.what for one in problems_of(text.replace("NAME", "b"))] == [
        "no entry of `t` names `b`"
    ]


@pytest.mark.parametrize("line", LINES)
def test_an_editor_takes_every_line_that_loads(line: str) -> None:
    """And marks one with a word that there is not."""
    assert VALIDATOR.is_valid(read(always(line)))
    assert not VALIDATOR.is_valid(read(always(line.replace("{", "{sometimes: true, ", 1))))


def test_levels_are_those_that_were_written() -> None:
    """One or several."""
    one, several = support(always(LINES[4], LINES[6])).workflow.always

    assert one.levels == (Level.EXTERNAL,)
    assert several.levels == (Level.EXTERNAL, Level.UPDATE)
