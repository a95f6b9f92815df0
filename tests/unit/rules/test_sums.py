"""What a limit on money counts of a call, for whom, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import (
    ArgumentRule,
    Boundary,
    Constraint,
    Json,
    JsonObject,
    Level,
    Limit,
    Money,
    Operator,
    Plumbing,
    System,
    Verdict,
)
from sallyport.rules import canonical
from sallyport.rules.boundary.sums import (
    SUM_MAX,
    apart,
    currencies_of,
    millionths,
    names,
    summed,
)
from sallyport.rules.checks.limits import reservations, used_up
from sallyport.rules.context import Context
from sallyport.rules.decide import decide
from sallyport.rules.reasons import say
from tests.unit.boundary.examples import support, tool
from tests.unit.rules import worlds
from tests.unit.rules.worlds import TOOL

EURO = 10**6
REFUNDS = Limit(
    name="refunds_per_day",
    at_most=100 * EURO,
    per="day",
    counts="sum",
    argument="refund",
    currency="EUR",
)
UP_TO = Constraint(operator=Operator.AT_MOST, bounds=(Money(Decimal(100), "EUR"),))
ANY = Constraint(operator=Operator.ANY)


def bounded(*constraints: Constraint) -> dict[str, ArgumentRule]:
    """Return what is always asked of the arguments; `refund` must meet these constraints."""
    more = {
        name: ArgumentRule(name=name, constraints=(ANY,), optional=True) for name in ("on", "to")
    }
    said = ArgumentRule(name="refund", constraints=constraints, optional=True)
    return {**more, "refund": said}


def seen(
    args: JsonObject, *limits: Limit, asked: tuple[Constraint, ...] = (UP_TO,), **more: object
) -> Context:
    """Return the context of a call with these arguments under these limits."""
    boundary = worlds.boundary(worlds.rule(Level.READ, only=bounded(*asked)), limits=limits)
    return worlds.context(boundary, proposal=replace(worlds.PROPOSAL, args=args), **more)


def amounts(context: Context) -> list[int]:
    """Return what a call reserves, limit by limit."""
    return [one.amount for one in reservations(context)]


@given(used=st.integers(0, 200), cents=st.integers(0, 20_000))
def test_a_sum_refuses_exactly_what_would_pass_it(used: int, cents: int) -> None:
    """To the cent: what fits is counted, what does not is refused."""
    refund = Decimal(cents).scaleb(-2)
    context = seen({"refund": refund}, REFUNDS, asked=(ANY,))
    counters = {one.counter: used * EURO for one in reservations(context)}
    refused = decide(replace(context, counters=counters)).verdict is Verdict.REFUSE

    assert refused == (cents > 0 and used * 100 + cents > 10_000)


@pytest.mark.parametrize(
    "refund, counted",
    [
        (5, 5 * EURO),
        (Decimal("5.00"), 5 * EURO),
        ("5.00 EUR", 5 * EURO),
        ({"amount": 5, "currency": "EUR"}, 5 * EURO),
        (-5, 5 * EURO),
        (Decimal("0.0000001"), 1),
        (Decimal("1E-999999"), 1),
        (Decimal("5.0000001"), 5 * EURO + 1),
        ([5, "5.00 EUR"], 10 * EURO),
    ],
)
def test_every_way_to_state_an_amount_counts(refund: Json, counted: int) -> None:
    """Nothing is rounded down, and what flows the other way counts as well."""
    assert amounts(seen({"refund": refund}, REFUNDS)) == [counted]


@pytest.mark.parametrize("refund", [0, [], "0.00 EUR"])
def test_nothing_uses_nothing(refund: Json) -> None:
    """A call without an amount leaves the sum as it is, and passes where it is used up."""
    context = seen({"refund": refund}, REFUNDS)

    assert amounts(context) == []
    assert list(used_up(context)) == []


@pytest.mark.parametrize("refund", ["much", True, None, {"amount": 5}, "5.00 USD", [5, "x"]])
def test_what_cannot_be_counted_is_refused(refund: Json) -> None:
    """Otherwise the limit would be passed by writing an amount in another way."""
    (floor,) = used_up(seen({"refund": refund}, REFUNDS, asked=(ANY,)))

    assert say(floor) == (
        "limit `refunds_per_day` cannot count `refund`, which is no amount in EUR"
    )


@given(st.one_of(st.decimals(allow_nan=False, allow_infinity=False), st.integers()))
def test_an_amount_counts_at_least_what_it_is(number: Decimal | int) -> None:
    """For every number there is; one that no counter could hold is more than any limit."""
    found = millionths(number)

    assert found >= 0
    assert found > SUM_MAX * EURO or Decimal(found).scaleb(-6) >= abs(Decimal(number))


def test_the_largest_amount_that_counts_exactly_is_the_largest_limit() -> None:
    """And whatever is larger counts as much as two of it, so that no limit holds it."""
    assert millionths(SUM_MAX) == 10**18
    assert millionths(Decimal("999999999999.999999")) == 10**18 - 1
    assert millionths(Decimal("1000000000000.000001")) == millionths(-SUM_MAX - 1) == 2 * 10**18


NAMED = [
    ("only: {refund: {at_most: 5.00 EUR}}", {"EUR"}, True),
    ("allow: [{args: {refund: {at_most: 5.00 EUR}}}]", {"EUR"}, True),
    ("ask: [{args: {refund: {at_most: 5.00 EUR}}, who: [lead]}]", {"EUR"}, True),
    ("only: {refund: {each: {at_most: 5.00 EUR}}}", {"EUR"}, True),
    (
        (
            "only: {refund: {at_most: 9.00 EUR}}\n"
            "allow: [{args: {to: {is: 1}, refund: {below: 2.00 USD}}}, {args: {to: {is: 2}}}]\n"
            "ask: [{args: {to: {is: 3}, refund: {above: 2.00 CHF}}, who: [lead]}]"
        ),
        {"CHF", "EUR", "USD"},
        True,
    ),
    ("allow: [{args: {refund: {at_most: 5}}}, {}]", set[str](), True),
    ("templates: {refund: {one: {text: much}}}", set[str](), True),
    ("only: {amount: {at_most: 5.00 EUR}}", set[str](), False),
    ("allow: [{args: {to: any}}]", set[str](), False),
]


@pytest.mark.parametrize("lines, currencies, named", NAMED)
def test_an_argument_is_named_and_bounded_wherever_a_call_is_let_through(
    lines: str, currencies: set[str], *, named: bool
) -> None:
    """Always, in an entry that allows, in one that asks, or as a text with slots."""
    rule = tool(lines)

    assert currencies_of(rule, "refund") == currencies
    assert names(rule, "refund") is named


def test_a_bounded_currency_is_counted_in_its_own_limit() -> None:
    """Euros in the euro limit, dollars in the dollar limit, plain numbers in both."""
    dollars = Constraint(operator=Operator.AT_LEAST, bounds=(Money(Decimal(0), "USD"),))
    limits = (REFUNDS, replace(REFUNDS, currency="USD"))
    asked = (UP_TO, dollars)

    def counted(refund: Json) -> list[tuple[str, int]]:
        taken = reservations(seen({"refund": refund}, *limits, asked=asked))
        return [(one.limit.currency, one.amount) for one in taken]

    assert counted("5.00 EUR") == [("EUR", 5 * EURO)]
    assert counted("5.00 USD") == [("USD", 5 * EURO)]
    assert counted(5) == [("EUR", 5 * EURO), ("USD", 5 * EURO)]
    assert amounts(seen({"refund": 5}, replace(REFUNDS, currency="USD"))) == []


def test_what_is_counted_in_cents_is_summed_in_euros() -> None:
    """The system's units are those of its arguments, and the owner's are euros."""
    cents = replace(tool("only: {refund: {at_most: 50.00 EUR}}"), units={"refund": "EUR"})

    assert summed(cents, REFUNDS, {"refund": 5000}) == 50 * EURO
    assert summed(cents, REFUNDS, {"refund": "50.00 EUR"}) is None


def test_what_names_no_amount_adds_nothing() -> None:
    """Not a millionth."""
    assert summed(tool("only: {refund: {at_most: 50.00 EUR}}"), REFUNDS, {}) == 0


def test_of_two_versions_the_tighter_sum_counts_with_the_larger_amount() -> None:
    """One counter, one reservation, nothing loosened."""

    def version(at_most: int, cost: str) -> Boundary:
        limit = Limit(name="cost", at_most=at_most, per="task", counts="cost", currency="USD")
        plumbing = Plumbing(cost=Money(Decimal(cost), "USD"))
        system = System(name="desk", url="http://desk.invalid/mcp", tools={TOOL: plumbing})
        return worlds.boundary(limits=(limit,), system=system, digest=f"v{at_most}")

    for versions in (
        (version(5, "0.02"), version(3, "0.01")),
        (version(3, "0.01"), version(5, "0.02")),
    ):
        (taken,) = reservations(worlds.context(*versions))
        assert (taken.at_most, taken.amount) == (3, 20_000)


def test_a_sum_holds_for_all_tools_that_name_the_argument() -> None:
    """And the file says it in a word: `refunds` are those of `refund`."""
    from_file = support().workflow.limits
    assert [one.what for one in from_file] == [
        ("call", "task", "", "", ""),
        ("external", "hour", "", "", ""),
    ]


RECIPIENTS: list[tuple[Json, Json, bool]] = [
    ("ann@example.com", "ann@example.com", True),
    ("ann@example.com", "Ann@EXAMPLE.com", True),
    ("ann@example.com", "ann+offers@example.com", True),
    ("ann@example.com", "bob@example.com", False),
    ("ann@example.com", "ann@example.org", False),
    ("  One  name ", "one name", True),
    (5, Decimal("5.00"), True),
    (SUM_MAX, Decimal(SUM_MAX), True),
    (SUM_MAX, SUM_MAX + 1, False),
    (5, "5", False),
    (None, "", False),
]


@pytest.mark.parametrize("one, other, alike", RECIPIENTS)
def test_each_value_is_counted_for_itself(one: Json, other: Json, *, alike: bool) -> None:
    """Whoever writes one address in two ways is still counted once."""
    limit = replace(REFUNDS, counts="call", argument="", currency="", each="to")

    assert (apart(limit, {"to": one}) == apart(limit, {"to": other})) is alike


@pytest.mark.parametrize(
    "value, counted",
    [
        ("Ann+x@EXAMPLE.com", "ann@example.com"),
        ("  One  Name ", "one name"),
        ("< b >", "< b >"),
        (Decimal("5.00"), 5),
        (Decimal("5.5"), Decimal("5.5")),
        (Decimal("1E+13"), "1E+13"),
        (True, True),
        ([], []),
    ],
)
def test_a_counter_has_the_digest_of_what_is_counted(value: Json, counted: Json) -> None:
    """Counters outlive a version of the gateway, so what they stand for stays the same."""
    each = replace(REFUNDS, each="to")

    assert apart(each, {"to": value}) == (canonical.digest("each", counted),)


def test_what_is_counted_together_has_one_counter_without_a_name() -> None:
    """Its name in the database ends with nothing; another one would begin to count anew."""
    assert apart(replace(REFUNDS, each=""), {"to": ["a", "b"]}) == ("",)


def test_a_message_to_several_counts_for_each_of_them() -> None:
    """Each recipient once, and the limit of each is looked at."""
    limit = Limit(name="sent_per_day", at_most=2, per="day", each="to")
    several = seen({"to": ["ann@example.com", "bob@example.com", "ANN@example.com"]}, limit)
    one = seen({"to": "bob@example.com"}, limit)
    counters = {reserved.counter: 2 for reserved in reservations(one)}

    assert amounts(several) == [1, 1]
    assert [say(floor) for floor in used_up(replace(several, counters=counters))] == [
        "limit `sent_per_day` of 2 per day for each `to` is used up"
    ]
    assert list(used_up(replace(seen({"to": "cat@example.com"}, limit), counters=counters))) == []


def test_the_ledger_is_not_told_for_whom_it_was_counted() -> None:
    """Its clear part names nobody, not even by a digest that can be guessed."""
    limit = Limit(name="sent_per_day", at_most=2, per="day", each="to")
    (taken,) = reservations(seen({"to": "ann@example.com"}, limit))

    assert "ann" not in taken.counter
    assert taken.noted.endswith(":call:to")


def test_what_states_the_currency_of_a_limit_counts_whatever_else_is_bounded() -> None:
    """One entry bounds dollars, another lets anything through: euros are euros in both."""
    rule = tool(
        "allow:\n"
        "  - {args: {refund: {at_most: 10.00 USD}}, when: {state: [a]}}\n"
        "  - {args: {refund: any}, when: {state: [b]}}"
    )
    asked: list[Json] = ["400.00 EUR", {"amount": 400, "currency": "EUR"}, [9, "400.00 EUR"]]
    for amount in asked:
        assert summed(rule, REFUNDS, {"refund": amount}) == 400 * EURO
    free: list[Json] = [9, "9.00 USD", "9.00 CHF", "nine"]
    for amount in free:
        assert summed(rule, REFUNDS, {"refund": amount}) == 0


@pytest.mark.parametrize(
    "other",
    [
        "Ann <ann@example.com>",
        "<ANN@example.com>",
        " ann@example.com ",
        '"A, B" <ann+x@example.com>',
    ],
)
def test_a_name_beside_an_address_is_no_other_recipient(other: str) -> None:
    """What is counted for each recipient is not passed by writing names beside one address."""
    each = replace(REFUNDS, each="to")
    assert apart(each, {"to": other}) == apart(each, {"to": "ann@example.com"})
    assert apart(each, {"to": other}) != apart(each, {"to": "bob@example.com"})


def test_one_text_in_two_encodings_is_counted_once() -> None:
    """A letter with its accent and a letter beside its accent are the same to a reader."""
    each = replace(REFUNDS, each="to")
    assert apart(each, {"to": "Jos\u00e9"}) == apart(each, {"to": "Jose\u0301"})
