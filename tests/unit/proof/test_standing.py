"""What a version must keep by itself: proved, refuted by a call, or unknown."""

from __future__ import annotations

from datetime import date

import pytest

from sallyport.adapters.prover.z3_solver import solver
from sallyport.model import Boundary
from sallyport.rules.boundary.problems import Problem, Severity
from sallyport.rules.proof.formula import Formula, Model
from sallyport.rules.proof.found import Found, Unsolved
from sallyport.rules.proof.problems import own_problems
from sallyport.rules.proof.standing import standing
from tests.unit.boundary.examples import WORKFLOW, support
from tests.unit.proof.planted import PLUMBING

TODAY = date(2026, 11, 21)
SOLVE = solver(10)
HELD = "always:\n  - {tool: tickets.update, args: {refund: {at_most: 500.00 EUR}}}\n"


def found(workflow: str, *, today: date = TODAY) -> Found:
    """Return what came of the claims of the support desk."""
    return standing(support(workflow, PLUMBING), today=today, solve=SOLVE)


def test_what_asks_by_default_is_proved_and_what_does_not_is_named() -> None:
    """The one entry that lets money flow unasked, with its reason and end."""
    assert found(WORKFLOW) == Found(
        unasked=[
            "tickets.update.allow[0] until 2027-01-31, because twelve weeks asked, none rejected"
        ],
        useless=[],
    )
    assert found(WORKFLOW, today=date(2027, 2, 1)).unasked == []


def test_an_entry_that_no_call_can_match_is_told() -> None:
    """Here `never` takes all that it would let happen."""
    dead = WORKFLOW.replace("{one_of: [deleted, merged]}", "{one_of: [open, pending, solved]}")

    assert found(dead).useless == [
        "`tickets.update` can never be called: whatever it is called with is refused"
    ]


def test_an_entry_whose_end_is_past_can_never_match() -> None:
    """The other one of its tool still can."""
    assert found(WORKFLOW, today=date(2027, 2, 1)).useless == [
        "no call can ever match `tickets.update.allow[0]`"
    ]


def test_a_tool_that_is_never_called_is_told() -> None:
    """It is declared, and it stands under `never`."""
    never = WORKFLOW.replace("never: [crm.export]", "never: [mail.send]")

    assert found(never).useless == ["`mail.send` can never be called: it stands under `never`"]


def test_calls_for_cents_are_shown_as_their_system_takes_them() -> None:
    """An amount that counts the smallest unit is refuted in that unit."""
    cents = PLUMBING.replace(
        "    timeout: 10s\n", "    timeout: 10s\n    units: {refund: minor EUR}\n"
    )
    lower = WORKFLOW + HELD.replace("500.00", "499.99")
    claims = standing(support(lower, cents), today=TODAY, solve=SOLVE)

    (one,) = claims.counterexamples
    assert one.args["refund"] == 50000
    assert standing(support(WORKFLOW + HELD, cents), today=TODAY, solve=SOLVE).proved


def test_few_calls_of_a_bounded_amount_hold_a_sum() -> None:
    """Twenty-five calls of 500.00 EUR at most are 12500.00 EUR, and no limit says so itself."""
    for most, is_so in (("12500.00", True), ("12499.99", False)):
        claims = found(f"{WORKFLOW}always:\n  - {{sum: refund_per_task, at_most: {most} EUR}}\n")
        assert claims.proved is is_so, claims


def test_what_the_solver_does_not_know_is_not_proved() -> None:
    """And the line that is not proved stands in the way."""

    def gives_up(_: Formula) -> Model | Unsolved | None:
        return Unsolved("it gave up")

    boundary = support(WORKFLOW + HELD, PLUMBING)
    claims = standing(boundary, today=TODAY, solve=gives_up)

    assert not claims.proved
    assert not claims.counterexamples
    first = _problems(boundary, claims)[0]
    assert (first.where, first.code, first.severity) == (
        "always[0]",
        "boundary.not_proved",
        Severity.ERROR,
    )


@pytest.mark.parametrize(
    "line, said",
    [
        ("{level: update, at_least: ask}", "would be allow, not at least ask"),
        ("{sum: sent_per_hour, at_most: 9}", "after 9 like it would be ask support_agent"),
    ],
)
def test_a_false_line_stands_in_the_way_with_its_call(line: str, said: str) -> None:
    """Nobody signs it."""
    boundary = support(f"{WORKFLOW}always:\n  - {line}\n", PLUMBING)
    (one,) = _problems(boundary, standing(boundary, today=TODAY, solve=SOLVE))

    assert (one.where, one.code, one.severity) == ("always[0]", "boundary.always", Severity.ERROR)
    assert one.what.startswith("`always[0]` is false: ")
    assert said in one.what


def test_without_a_line_nothing_unproved_stands_in_the_way() -> None:
    """Who has no solver and promises nothing needs none."""
    assert own_problems(support(), counterexamples=(), unknown=["no solver is installed"]) == ()


def test_what_grants_nothing_is_a_warning() -> None:
    """It harms nobody, and somebody meant something by it."""
    (one,) = own_problems(support(), counterexamples=(), unknown=(), useless=["`x` is dead"])

    assert one.severity is Severity.WARNING


def _problems(boundary: Boundary, claims: Found) -> tuple[Problem, ...]:
    return own_problems(
        boundary,
        counterexamples=[one.as_json() for one in claims.counterexamples],
        unknown=claims.unknown,
        useless=claims.useless,
    )
