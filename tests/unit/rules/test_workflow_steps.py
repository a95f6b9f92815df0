"""A workflow step: how it is called, and what it may answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sallyport.errors import BadInputError, NotPermittedError
from sallyport.model import Ahead, Level, Person, WorkflowStep
from sallyport.rules.answering import Kind, Said
from sallyport.rules.workflow_steps import (
    PREFIX,
    SAYS,
    admit,
    as_answerer,
    check_name,
    is_step,
    none_of_them,
)

STEP = WorkflowStep(name="step.check", workflow="support", public_key="aa", because="it compares")
YES = Said(kind=Kind.APPROVE)


@pytest.mark.parametrize("name", ["step.a", "step.Z9_-", "step.0", "step." + "a" * 58])
def test_a_step_bears_its_prefix_and_a_plain_name(name: str) -> None:
    """At most 63 characters in all, as the names of roles have."""
    check_name(name)
    assert is_step(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "step.",
        "check",
        "Step.check",
        "step.-a",
        "step._a",
        "step.a b",
        "step.a.b",
        "step.\u00e4",
        "step." + "a" * 59,
        "stepxa",
        "step.a\n",
    ],
)
def test_nothing_else_is_the_name_of_a_step(name: str) -> None:
    """Said in one sentence."""
    with pytest.raises(BadInputError) as caught:
        check_name(name)

    assert caught.value.what == "that name cannot be used for a workflow step"
    assert caught.value.fix == "write `step.` and letters, digits, _ or -, at most 63 characters"


def test_nobody_is_called_like_a_step() -> None:
    """However it is capitalised; a word that only begins alike is no step."""
    assert PREFIX == "step."
    none_of_them(["ada", "stepmother", "a.step.b", "step"])
    none_of_them([])
    for names in (["step.check"], ["ada", "STEP.x"], ["Step.", "ada"]):
        with pytest.raises(BadInputError) as caught:
            none_of_them(names)
        assert caught.value.what == "what begins with `step.` is a workflow step, and nobody else"
        assert caught.value.fix == (
            "choose another name, or register a step with `sallyport admin steps add`"
        )


def test_a_step_answers_under_its_own_name_which_is_all_it_holds() -> None:
    """No role of a person, no key but its own, and not once it was removed."""
    assert as_answerer(STEP) == Person(
        name="step.check", roles=frozenset({"step.check"}), public_key="aa", active=True
    )
    assert not as_answerer(replace(STEP, active=False)).active


def test_a_step_says_yes_or_no_in_its_own_workflow() -> None:
    """To whatever stays inside."""
    assert {Kind.APPROVE, Kind.REJECT} == SAYS
    for level in Level:
        if level is not Level.EXTERNAL:
            admit(STEP, "support", level, YES)
            admit(STEP, "support", level, Said(kind=Kind.REJECT, code="other"))


OVER_AGAIN = Ahead(at_most=2, until_us=1)


@pytest.mark.parametrize(
    "step, workflow, level, said, told",
    [
        (
            replace(STEP, active=False),
            "support",
            Level.UPDATE,
            YES,
            ("`step.check` was removed", "ask a person"),
        ),
        (
            STEP,
            "sales",
            Level.UPDATE,
            YES,
            (
                "`step.check` is a step of another workflow",
                "have a step of this workflow answer, or a person",
            ),
        ),
        (
            STEP,
            "support",
            Level.EXTERNAL,
            YES,
            ("what leaves the house is answered by a person", "ask somebody who holds the role"),
        ),
        *(
            (
                STEP,
                "support",
                Level.UPDATE,
                said,
                ("a workflow step says yes or no to the call at hand", "have a person answer"),
            )
            for said in (
                *(Said(kind=kind) for kind in Kind if kind not in SAYS),
                Said(kind=Kind.APPROVE, ahead=OVER_AGAIN),
            )
        ),
    ],
)
def test_a_step_may_say_nothing_else(
    step: WorkflowStep, workflow: str, level: Level, said: Said, told: tuple[str, str]
) -> None:
    """Removed, of another workflow, at level *external*, or with more than yes or no."""
    with pytest.raises(NotPermittedError) as caught:
        admit(step, workflow, level, said)

    assert (caught.value.what, caught.value.fix) == told
