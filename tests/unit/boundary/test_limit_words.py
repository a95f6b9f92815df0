"""What a line under `limits` stands for, and what is said of one that stands for nothing."""

from __future__ import annotations

import pytest

from sallyport.model import Limit
from sallyport.rules.boundary.limit_words import LIMITS
from sallyport.rules.boundary.workflow_file import load_workflow
from tests.unit.boundary.examples import header, problems_of

TOOLS = """\
tools:
  t:
    level: create
    templates: {body: {ack: {text: Thank you.}}}
    only:
      refund: {at_most: 500.00 EUR, optional: true}
      fees: {at_most: 9.00 USD, optional: true}
      customer: {max_length: 50}
    allow:
      - args: {credit: {at_most: 5.00 CHF}}
    ask:
      - args: {charge: {at_most: 5.00 EUR}}
        who: [lead]
"""
ARGUMENTS = "body, charge, credit, customer, fees, refund"
EUR = 1_000_000


def file(said: str, tools: str = TOOLS) -> str:
    """Return a file with these lines as its limits."""
    lines = "".join(f"  {line}\n" for line in said.splitlines())
    return f"{header()}limits:\n{lines}{tools}"


def limits(said: str) -> tuple[Limit, ...]:
    """Return what the lines stand for."""
    return load_workflow(file(said), "w").limits


def money(  # noqa: PLR0917 (the words of one line, in order)
    name: str, at_most: int, per: str, argument: str, currency: str = "EUR", each: str = ""
) -> Limit:
    """Return a limit on the sum of an argument; on what calls cost where none is named."""
    return Limit(
        name=name,
        at_most=at_most,
        per=per,
        counts="sum" if argument else "cost",
        argument=argument,
        currency=currency,
        each=each,
    )


READ: list[tuple[str, Limit]] = [
    ("calls_per_task: 1", Limit(name="calls_per_task", at_most=1, per="task")),
    ("calls_per_hour: 1000000", Limit(name="calls_per_hour", at_most=1_000_000, per="hour")),
    ("calls_per_day: 5", Limit(name="calls_per_day", at_most=5, per="day")),
    ("sent_per_task: 5", Limit(name="sent_per_task", at_most=5, per="task", counts="external")),
    ("sent_per_day: 5", Limit(name="sent_per_day", at_most=5, per="day", counts="external")),
    (
        "sent_per_hour: {at_most: 5, each: customer}",
        Limit(name="sent_per_hour", at_most=5, per="hour", counts="external", each="customer"),
    ),
    (
        "calls_per_task: {at_most: 5}",
        Limit(name="calls_per_task", at_most=5, per="task"),
    ),
    ("cost_per_day: 0.01 EUR", money("cost_per_day", EUR // 100, "day", "")),
    ("cost_per_task: 0.000001 USD", money("cost_per_task", 1, "task", "", currency="USD")),
    ("refund_per_day: 500.00 EUR", money("refund_per_day", 500 * EUR, "day", "refund")),
    ("refunds_per_hour: 500.00 EUR", money("refunds_per_hour", 500 * EUR, "hour", "refund")),
    ("fees_per_day: 5.00 USD", money("fees_per_day", 5 * EUR, "day", "fees", currency="USD")),
    ("credit_per_day: 5.00 CHF", money("credit_per_day", 5 * EUR, "day", "credit", currency="CHF")),
    ("charges_per_day: 5.00 EUR", money("charges_per_day", 5 * EUR, "day", "charge")),
    (
        "refund_per_day: 1000000000000.00 EUR",
        money("refund_per_day", 10**12 * EUR, "day", "refund"),
    ),
    (
        "refund_per_day: {at_most: 5.00 EUR, each: customer}",
        money("refund_per_day", 5 * EUR, "day", "refund", each="customer"),
    ),
    (
        "cost_per_hour: {at_most: 5.00 EUR, each: body}",
        money("cost_per_hour", 5 * EUR, "hour", "", each="body"),
    ),
]


@pytest.mark.parametrize("said, limit", READ)
def test_a_name_says_what_is_counted_and_for_how_long(said: str, limit: Limit) -> None:
    """A count of this version's own, or the sum of an argument, by its name or as several."""
    assert limits(said) == (limit,)


def test_each_line_and_each_item_of_a_list_is_a_limit() -> None:
    """In the order of the file; alike in name, they differ in what is counted."""
    several = "refund_per_day: [500.00 EUR, {at_most: 50.00 EUR, each: customer}]"
    found = limits(f"calls_per_task: 5\n{several}\ncalls_per_day: 9")

    assert found == (
        Limit(name="calls_per_task", at_most=5, per="task"),
        money("refund_per_day", 500 * EUR, "day", "refund"),
        money("refund_per_day", 50 * EUR, "day", "refund", each="customer"),
        Limit(name="calls_per_day", at_most=9, per="day"),
    )


def test_these_are_the_limits_that_need_no_argument() -> None:
    """As an owner is told them."""
    assert (
        *("calls_per_task", "calls_per_hour", "calls_per_day"),
        *("sent_per_task", "sent_per_hour", "sent_per_day"),
        *("cost_per_task", "cost_per_hour", "cost_per_day"),
    ) == LIMITS


SUMMED = "or sum an argument: `refund_per_day: 500.00 EUR`"
USE = f"use one of: {', '.join(LIMITS)}, {SUMMED}"
WHOLE = "write a whole number from 1 to 1000000"
AMOUNT = "write for example `500.00 EUR`"
MORE = "write more than zero, and at most 1000000000000.00"


def no_such(name: str, which: str, currency: str = "EUR") -> tuple[str, str, str]:
    """Return what is said where no amount in a currency has this name."""
    return (
        "unknown_argument",
        f"no tool of this file has an amount in {currency} called `{which}`",
        f"name the argument that limit `{name}` sums, or bound `{which}` by such an amount",
    )


# The line, its code, what is said and what to do.
WRONG: list[tuple[str, list[tuple[str, str, str]]]] = [
    ("calls: 5", [("unknown_word", "unknown limit `calls`", USE)]),
    ("calls_per_week: 5", [("unknown_word", "unknown limit `calls_per_week`", USE)]),
    ("calls_per_task: []", [("unknown_word", "unknown limit `calls_per_task`", USE)]),
    ("mails_per_day: 5", [("unknown_word", "unknown limit `mails_per_day`", USE)]),
    ("mails_per_day: [5]", [("unknown_word", "unknown limit `mails_per_day`", USE)]),
    ("per_day: 5", [("unknown_word", "unknown limit `per_day`", USE)]),
    ("calls_per_day: 0", [("wrong_type", "limit `calls_per_day` is not such a number", WHOLE)]),
    (
        "calls_per_day: 1000001",
        [("wrong_type", "limit `calls_per_day` is not such a number", WHOLE)],
    ),
    (
        "calls_per_day: [5, 6]",
        [("duplicate_key", "limit `calls_per_day` counts the same twice", "remove one")],
    ),
    (
        "refund_per_day: [5.00 EUR, {at_most: 6.00 EUR}]",
        [("duplicate_key", "limit `refund_per_day` counts the same twice", "remove one")],
    ),
    (
        "calls_per_day: {at_most: 5, for: x}",
        [
            (
                "unknown_word",
                "unknown word `for` in limit `calls_per_day`",
                "use one of: at_most, each",
            )
        ],
    ),
    (
        "calls_per_day: {each: customer}",
        [
            ("missing_word", "limit `calls_per_day` lacks `at_most`", "add `at_most: 3`"),
            ("wrong_type", "limit `calls_per_day` is not such a number", WHOLE),
        ],
    ),
    (
        "calls_per_day: {at_most: 5, each: [customer]}",
        [("wrong_type", "`each` is not text", "write text, in quotes if need be")],
    ),
    (
        "calls_per_day: {at_most: 5, each: zzz}",
        [
            (
                "unknown_argument",
                "no tool of this file names an argument `zzz`",
                f"use one of: {ARGUMENTS}",
            )
        ],
    ),
    (
        "calls_per_day: {at_most: 5, each: costumer}",
        [
            (
                "unknown_argument",
                "no tool of this file names an argument `costumer`",
                "did you mean `customer`?",
            )
        ],
    ),
    ("mails_per_day: 5.00 EUR", [no_such("mails_per_day", "mail")]),
    ("refunds_per_day: 5.00 USD", [no_such("refunds_per_day", "refund", "USD")]),
    ("customer_per_day: 5.00 EUR", [no_such("customer_per_day", "customer")]),
    ("cost_per_day: 5", [("wrong_type", "limit `cost_per_day` is not an amount of money", AMOUNT)]),
    (
        "cost_per_day: [[5.00 EUR]]",
        [("wrong_type", "limit `cost_per_day` is not an amount of money", AMOUNT)],
    ),
    (
        "refund_per_day: {at_most: [5.00 EUR]}",
        [("wrong_type", "limit `refund_per_day` is not an amount of money", AMOUNT)],
    ),
    (
        "refund_per_day: 5",
        [("wrong_type", "limit `refund_per_day` is not an amount of money", AMOUNT)],
    ),
    (
        "cost_per_day: 5.00 QQQ",
        [("unknown_word", "`QQQ` is no currency", "write its three letters: EUR, USD, GBP")],
    ),
    (
        "cost_per_day: 0.00 EUR",
        [
            (
                "out_of_range",
                "limit `cost_per_day` is not above zero, or too large to be counted",
                MORE,
            )
        ],
    ),
    (
        "cost_per_day: -5.00 EUR",
        [
            (
                "out_of_range",
                "limit `cost_per_day` is not above zero, or too large to be counted",
                MORE,
            )
        ],
    ),
    (
        "cost_per_day: 1000000000000.01 EUR",
        [
            (
                "out_of_range",
                "limit `cost_per_day` is not above zero, or too large to be counted",
                MORE,
            )
        ],
    ),
    (
        "cost_per_day: 0.0000001 EUR",
        [("out_of_range", "limit `cost_per_day` has more than 6 decimals", "write fewer")],
    ),
]


@pytest.mark.parametrize("said, told", WRONG)
def test_a_limit_that_counts_nothing_clear_is_refused_with_a_way_out(
    said: str, told: list[tuple[str, str, str]]
) -> None:
    """One finding where one thing is wrong, at its line."""
    found = problems_of(file(said))

    assert [(one.code.removeprefix("boundary."), one.what, one.fix) for one in found] == told
    assert {one.line for one in found} == {10}


def test_limits_are_a_table_and_sums_are_of_the_arguments_of_this_file() -> None:
    """A list says nothing; and where no tool has an argument, none can be summed."""
    (listed,) = problems_of(file("- calls_per_task: 5"))
    assert (listed.what, listed.fix) == ("`limits` is not a table of words", "write `word: value`")

    bare = "tools:\n  t: {level: read}\n"
    (summed,) = problems_of(file("refund_per_day: 5.00 EUR", bare))
    assert summed.what == "no tool of this file has an amount in EUR called `refund`"
    (each,) = problems_of(file("calls_per_task: {at_most: 5, each: customer}", bare))
    assert each.fix == "remove it"
