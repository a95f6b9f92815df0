"""How much a file may hold: as much as is said, and not one more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.boundary.examples import SYSTEM, WORKFLOW, problems_of
from tests.unit.boundary.gallery import one_tool
from tests.unit.boundary.test_always import always
from tests.unit.boundary.test_system_words import DECLARED

ANY = "{level: external, at_least: ask}"


def entries(word: str, number: int) -> str:
    """Return a file with so many entries of a sort, each about another value."""
    args = (f"args: {{a: {{is: {n}}}}}" for n in range(number))
    more = ", who: [r]" if word == "ask" else ""
    return one_tool(f"{word}: [{', '.join(f'{{{one}{more}}}' for one in args)}]")


def templates(number: int) -> str:
    """Return a file with so many templates of one argument."""
    return one_tool(
        f"templates: {{b: {{{', '.join(f't{n}: {{text: t{n}}}' for n in range(number))}}}}}"
    )


def template(text: str, slot: str = "") -> str:
    """Return a file with one template."""
    slots = f", slots: {{a: {{max_length: {slot}}}}}" if slot else ""
    return one_tool(f'templates: {{b: {{t: {{text: "{text}"{slots}}}}}}}')


def limit(said: str) -> str:
    """Return the support desk's file with another limit."""
    return WORKFLOW.replace("sent_per_hour: 20", said)


WORKFLOWS: dict[str, tuple[int, Callable[[int], str]]] = {
    "lines under always": (50, lambda n: always(*[ANY] * n)),
    "entries that allow": (50, lambda n: entries("allow", n)),
    "entries that ask": (50, lambda n: entries("ask", n)),
    "entries that forbid": (50, lambda n: entries("never", n)),
    "templates": (50, templates),
    "letters of a template": (20_000, lambda n: template("x" * n)),
    "letters of a slot": (1000, lambda n: template("Dear {a}", str(n))),
    "letters of a purpose": (500, lambda n: WORKFLOW.replace("Answer tickets;", "x" * (n - 20))),
    "people who answer": (
        10,
        lambda n: one_tool(f"ask: [{{who: [r], how_many: {n}}}]"),
    ),
    "letters of an argument": (10_000_000, lambda n: one_tool(f"only: {{a: {{max_length: {n}}}}}")),
    "calls": (1_000_000, lambda n: limit(f"calls_per_day: {n}")),
    "money": (10**12, lambda n: limit(f"refund_per_day: {n}.00 EUR")),
    "decimals of a sum": (6, lambda n: limit(f"refund_per_day: 1.{'1' * n} EUR")),
    "digits": (30, lambda n: one_tool(f"only: {{a: {{is: {'1' * n}}}}}")),
    "bytes": (256 * 1024, lambda n: WORKFLOW + "#" * (n - len(WORKFLOW.encode()) - 1) + "\n"),
}

SYSTEMS: dict[str, tuple[int, Callable[[int], str]]] = {
    "retries": (5, lambda n: DECLARED.replace("retries: 2", f"retries: {n}")),
    "decimals of a cost": (6, lambda n: DECLARED.replace("0.0025 USD", f"0.{'1' * n} USD")),
}


@pytest.mark.parametrize("what", WORKFLOWS)
def test_a_workflow_may_hold_as_much_as_is_said_and_no_more(what: str) -> None:
    """Somebody has to be able to read it, and every number has to be counted exactly."""
    most, file = WORKFLOWS[what]

    assert problems_of(file(most)) == ()
    (one,) = problems_of(file(most + 1))
    assert one.code in {"boundary.too_large", "boundary.out_of_range", "boundary.wrong_type"}


@pytest.mark.parametrize("what", SYSTEMS)
def test_a_system_may_hold_as_much_as_is_said_and_no_more(what: str) -> None:
    """The operator's words are bounded as the owner's are."""
    most, file = SYSTEMS[what]

    assert problems_of(SYSTEM, system=True) == problems_of(file(most), system=True) == ()
    assert problems_of(file(most + 1), system=True)
