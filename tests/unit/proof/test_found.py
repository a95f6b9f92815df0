"""What came of claims, in the words that people and programs get."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sallyport.model import Always, ArgumentRule, Decision, JsonObject, Question, Verdict
from sallyport.rules.boundary.problems import Problem, Severity
from sallyport.rules.proof.found import Counterexample, Found, Unsolved, told
from sallyport.rules.proof.problems import own_problems
from tests.unit.boundary.examples import support

SHOWN = Counterexample(
    tool="t", args={"x": 1}, context={"day": "2026-12-01"}, was="refuse", now="allow"
)
AS_JSON: JsonObject = {
    "tool": "t",
    "args": {"x": 1},
    "context": {"day": "2026-12-01"},
    "was": "refuse",
    "now": "allow",
}


def test_claims_are_proved_only_if_nothing_refutes_them_or_is_unknown() -> None:
    """What is allowed unasked and what is of no use refute nothing."""
    found = Found(unasked=["x"], useless=["y"])
    found.take(None, "a")
    assert found.proved
    assert found.as_json() == {"proved": True, "unknown": [], "counterexamples": []}

    unknown, refuted = Found(), Found()
    unknown.take(Unsolved("it gave up"), "`t`")
    refuted.take(SHOWN, "`t`")

    assert unknown.as_json() == {
        "proved": False,
        "unknown": ["`t`: it gave up"],
        "counterexamples": [],
    }
    assert refuted.as_json() == {"proved": False, "unknown": [], "counterexamples": [AS_JSON]}


ASKED = Question(who=("lead", "boss"), within_s=4 * 3600)


@pytest.mark.parametrize(
    "verdict, question, said",
    [
        (Verdict.ALLOW, None, "allow"),
        (Verdict.ALLOW, ASKED, "allow"),
        (Verdict.DRAFT, ASKED, "draft"),
        (Verdict.REFUSE, None, "refuse"),
        (Verdict.ASK, None, "ask"),
        (Verdict.ASK, ASKED, "ask lead or boss within 4h"),
        (Verdict.ASK, Question(who=("lead",), how_many=1, within_s=90), "ask lead within 90s"),
        (Verdict.ASK, Question(who=("a",), needs_human=True), "ask a within 4h, by their decision alone"),  # noqa: E501
        (Verdict.ASK, Question(who=("a", "b"), how_many=2, within_s=60), "ask 2 of a or b within 1m"),  # noqa: E501
    ],
)  # fmt: skip
def test_a_decision_is_told_with_whom_it_asks(
    verdict: Verdict, question: Question | None, said: str
) -> None:
    """How many of whom, and for how long."""
    assert told(Decision(verdict=verdict, floors=(), question=question)) == said


def refuting(args: JsonObject, **context: int | str) -> JsonObject:
    """Return a counterexample as a solver's process hands it over."""
    return {"tool": "t", "args": args, "context": {**context}, "was": "refuse", "now": "allow"}


LONG = "x" * 290
"""As canonical JSON in `{"a":""}` it has 298 letters."""


@pytest.mark.parametrize(
    "one, where, what",
    [
        (
            refuting({"b": 1, "a": "y"}, claim="always[0]"),
            "always[0]",
            '`always[0]` is false: t with {"a":"y","b":1} would be allow, not refuse',
        ),
        (
            refuting({}, claim="always[1]", earlier_calls=9),
            "always[1]",
            "`always[1]` is false: t with {} after 9 like it would be allow, not refuse",
        ),
        (
            refuting({}, claim="always[1]", earlier_calls=0),
            "always[1]",
            "`always[1]` is false: t with {} would be allow, not refuse",
        ),
        (refuting({}), "always", "`always` is false: t with {} would be allow, not refuse"),
        (
            {"tool": "t", "args": {}, "context": None, "was": "refuse", "now": "allow"},
            "always",
            "`always` is false: t with {} would be allow, not refuse",
        ),
        (
            refuting({"a": LONG + "yy"}),
            "always",
            f'`always` is false: t with {{"a":"{LONG}yy"}} would be allow, not refuse',
        ),
        (
            refuting({"a": LONG + "yyy"}),
            "always",
            f'`always` is false: t with {{"a":"{LONG}yyy"... would be allow, not refuse',
        ),
    ],
)
def test_a_false_line_is_an_error_that_names_its_call(
    one: JsonObject, where: str, what: str
) -> None:
    """In one sentence; a call that is too long to read is cut after 300 letters."""
    assert own_problems(support(), counterexamples=[one], unknown=()) == (
        Problem(
            file="customer-support",
            line=0,
            column=0,
            where=where,
            code="boundary.always",
            what=what,
            fix="correct the line, or what the tool may do",
            severity=Severity.ERROR,
        ),
    )


def test_what_is_not_proved_stands_in_the_way_only_of_who_promised_something() -> None:
    """By the line that it is of, where that is known; and what is of no use is a warning."""
    lines = [Always(where=f"always[{n}]", args=dict[str, ArgumentRule]()) for n in range(2)]
    unknown = ["always[1] of `t`: it gave up", "`t` asks by default: it gave up"]

    assert own_problems(support(), counterexamples=(), unknown=unknown) == ()
    boundary = support()
    promising = replace(boundary, workflow=replace(boundary.workflow, always=tuple(lines)))
    assert own_problems(
        promising, counterexamples=(), unknown=unknown, useless=["`x` is dead"]
    ) == (
        *(
            Problem(
                file="customer-support",
                line=0,
                column=0,
                where=where,
                code="boundary.not_proved",
                what=f"not proved: {why}",
                fix="have it proved, say it more simply, or remove the line",
            )
            for where, why in zip(["always[1]", "always"], unknown, strict=True)
        ),
        Problem(
            file="customer-support",
            line=0,
            column=0,
            where="tools",
            code="boundary.useless",
            what="`x` is dead",
            fix="correct its bounds, or remove it",
            severity=Severity.WARNING,
        ),
    )
