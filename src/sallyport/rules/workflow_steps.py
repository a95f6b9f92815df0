"""An approved workflow step: the second kind of authority that may answer a question.

Rules:
  1. A step answers only what a signed boundary asks of it by name, in the one workflow that it was
     registered for, with its own key, over the very statement that a person would sign.
  2. It says yes or no. It changes nothing, passes nothing on, and signs nothing else.
  3. What leaves the house is a person's to answer: no step answers at level *external*.
  4. No person and no role is called like a step, so neither can pass for the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from sallyport.errors import BadInputError, NotPermittedError
from sallyport.model import Level, Person, WorkflowStep
from sallyport.rules.answering import Kind, Said

PREFIX: Final = "step."
SAYS: Final = frozenset({Kind.APPROVE, Kind.REJECT})

_NAME = re.compile(r"step\.[A-Za-z0-9][A-Za-z0-9_-]{0,57}")


def is_step(name: str) -> bool:
    """Return whether a name is one that only a workflow step bears."""
    return name.casefold().startswith(PREFIX)


def check_name(name: str) -> None:
    """Check what a step is to be called.

    Raises:
        BadInputError: It cannot be used.
    """
    if _NAME.fullmatch(name) is None:
        raise BadInputError(
            "that name cannot be used for a workflow step",
            fix="write `step.` and letters, digits, _ or -, at most 63 characters",
        )


def none_of_them(names: Iterable[str]) -> None:
    """Check that nobody is called like a step, or holds a role that is.

    Raises:
        BadInputError: One is.
    """
    if any(is_step(name) for name in names):
        raise BadInputError(
            "what begins with `step.` is a workflow step, and nobody else",
            fix="choose another name, or register a step with `sallyport admin steps add`",
        )


def as_answerer(step: WorkflowStep) -> Person:
    """Return a step as whoever answers: under its own name, which is all that it holds."""
    return Person(
        name=step.name,
        roles=frozenset({step.name}),
        public_key=step.public_key,
        active=step.active,
    )


def admit(step: WorkflowStep, workflow: str, level: Level, said: Said) -> None:
    """Check that a step may speak about a call at all, and say this.

    Raises:
        NotPermittedError: It may not.
    """
    if not step.active:
        raise NotPermittedError(f"`{step.name}` was removed", fix="ask a person")
    if step.workflow != workflow:
        raise NotPermittedError(
            f"`{step.name}` is a step of another workflow",
            fix="have a step of this workflow answer, or a person",
        )
    if level is Level.EXTERNAL:
        raise NotPermittedError(
            "what leaves the house is answered by a person", fix="ask somebody who holds the role"
        )
    if said.kind not in SAYS or said.ahead is not None:
        raise NotPermittedError(
            "a workflow step says yes or no to the call at hand", fix="have a person answer"
        )
