"""A file of cases is read as strictly as a boundary: a case that says nothing must not pass."""

from __future__ import annotations

import pytest

from sallyport.model import Verdict
from sallyport.rules.boundary.load import load_workflow
from sallyport.rules.boundary.problems import BoundaryErrors
from sallyport.rules.cases import Case, compile_offline, load_cases, noon_us, run, unreached
from tests.gallery.shelf import TODAY

WORKFLOW = load_workflow(
    """\
workflow: refunds
purpose: Give small refunds.
owner: ops@example.com
agent: bot
environment: test
expires: 2027-12-31
for: [clerk, lead]
task: {ticket: text, until: date}
limits: {calls_per_task: 3, refunds_per_day: 100.00 EUR}
tools:
  look:
    level: read
    only: {ticket: {is: task.ticket}}
  pay:
    level: update
    touches: [money]
    only: {ticket: {is: task.ticket}}
    allow:
      - args: {refund: {at_most: 10.00 EUR}}
        because: small
        until: 2027-06-30
    ask: [{args: {refund: {above: 10.00 EUR, at_most: 50.00 EUR}}, who: [lead]}]
""",
    "refunds.yaml",
)
HEAD = "workflow: refunds\ngiven: {date: 2026-12-01, task: {ticket: T-1}}\n"
CASE = "  - {case: One, tool: look, args: {ticket: T-1}, expect: allow}\n"


def load(text: str) -> tuple[Case, ...]:
    """Return the cases of a file about refunds, whose system tells one fact."""
    return load_cases(text, "refunds.cases.yaml", WORKFLOW, ["state"])


def problems(text: str) -> list[str]:
    """Return every problem of such a file."""
    with pytest.raises(BoundaryErrors) as caught:
        load(text)
    return [str(problem) for problem in caught.value.problems]


def test_a_case_is_what_is_given_what_is_called_and_what_comes() -> None:
    """What all share stands once; what a case gives counts before it."""
    text = """\
  - case: Little is left of the day
    tool: pay
    args: {ticket: T-2, refund: 9.5}
    given: {as: [lead], date: 2027-01-31, task: {ticket: T-2}, influenced: true, stage: ask, facts: {state: open}, used: {refunds_per_day: 95.00 EUR, calls_per_task: 0}}
    expect: refuse
    reason: limit.sum
"""  # noqa: E501
    first, second = load(f"{HEAD}cases:\n{CASE}{text}")

    assert (first.given.roles, first.given.now_us) == (("clerk",), noon_us(TODAY))
    assert (second.mark.line, second.expect, second.reason) == (5, Verdict.REFUSE, "limit.sum")
    assert second.given.used == {"refunds_per_day": 95_000_000, "calls_per_task": 0}
    assert (second.given.influenced, second.given.stage) == (True, "ask")
    assert second.given.inputs == {"ticket": "T-2"}


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "the file is empty"),
        ("workflow: refunds\n", "lacks `given`"),
        (f"{HEAD}cases: []\n", "`cases` has no case"),
        (f"{HEAD}cases:\n{CASE}{CASE}", "two cases are called `One`"),
        (f"{HEAD}cases:\n{CASE}".replace("refunds\n", "mail\n"), "cases are about `mail`"),
        (f"{HEAD}cases:\n{CASE}".replace("date: 2026-12-01, ", ""), "`given` lacks `date`"),
        (f"{HEAD}cases:\n{CASE}".replace("ticket: T-1}}", "tiket: T-1}}"), "did you mean `ticket`"),
        (f"{HEAD}cases:\n{CASE}".replace("T-1}}\n", "T-1, until: soon}}\n"), "of kind date"),
        (f"{HEAD}cases:\n{CASE}".replace("expect: allow", "expect: alow"), "did you mean `allow`"),
        (f"{HEAD}cases:\n{CASE}".replace(", expect: allow", ""), "a case lacks `expect`"),
        (f"{HEAD}cases:\n{CASE}".replace("expect:", "expects: ask, expect:"), "`expects`"),
        (f"{HEAD}cases:\n{CASE}".replace("allow}", "allow, who: [lead]}"), "expects allow"),
        (
            f"{HEAD}cases:\n{CASE}".replace("allow}", "allow, reason: boundry.only}"),
            "is not a reas",
        ),
        (
            f"{HEAD}cases:\n{CASE}".replace("allow}", 'allow, entry: "pay.ask[1]"}'),
            "is not an entry",
        ),
        (f"{HEAD}cases:\n{CASE}".replace("allow}", "ask, given: {facts: {stat: 1}}}"), "`state`"),
        (f"{HEAD}cases:\n{CASE}".replace("allow}", "ask, given: {used: {calls: 1}}}"), "no limit"),
        (
            f"{HEAD}cases:\n{CASE}".replace(
                "allow}", "ask, given: {used: {refunds_per_day: 5.00 USD}}}"
            ),
            "not an amount in EUR",
        ),
        (f"{HEAD}cases:\n{CASE}".replace("tool: look", "tool: l*"), "is a pattern"),
        (f"{HEAD}cases:\n{CASE}".replace("tool: look", "tool: look, tool: pay"), "twice"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    """File, line, column, what and how to mend it."""
    found = problems(text)
    assert any(said in one for one in found), found
    assert all(one.startswith("refunds.cases.yaml") and "; " in one for one in found)


def test_all_that_is_wrong_is_said_at_once() -> None:
    """Nobody mends a file error by error."""
    bad = "  - {case: A, tool: look, expect: maybe}\n  - {case: B, tol: look, expect: ask}\n"
    assert len(problems(f"{HEAD}cases:\n{bad}")) == 3


def test_a_case_that_comes_otherwise_says_what_came() -> None:
    """Verdict, reason, entry and people are each compared."""
    text = f"""{HEAD}cases:
  - {{case: A, tool: pay, args: {{ticket: T-1, refund: 20}}, expect: allow}}
  - {{case: B, tool: pay, args: {{ticket: T-1, refund: 20}}, expect: ask, who: [clerk]}}
  - {{case: C, tool: pay, args: {{ticket: T-1, refund: 5}}, expect: allow, entry: "pay.ask[0]"}}
  - {{case: D, tool: look, args: {{ticket: T-9}}, expect: refuse, reason: limit.reached}}
"""
    boundary = compile_offline(WORKFLOW, {}, {}, code_version="1")
    a, b, c, d = (run(case, boundary).wrong for case in load(text))

    assert a == ("expected allow, came refuse",)
    assert b[0] == "expected ask, came refuse"
    assert c[0] == "expected allow, came refuse"
    assert d == ("expected the reason limit.reached, came boundary.only, tool.unknown",)


def test_what_no_case_comes_to_is_named() -> None:
    """So that an entry nobody thought of does not stay untried."""
    boundary = compile_offline(WORKFLOW, {}, {}, code_version="1")
    (case,) = load(f"{HEAD}cases:\n{CASE}")
    assert unreached(boundary, [run(case, boundary)]) == ("pay.allow[0]", "pay.ask[0]")
