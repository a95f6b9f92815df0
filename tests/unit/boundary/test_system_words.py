"""What operators declare of their systems' tools, and what follows from it for a boundary."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import (
    Boundary,
    DataClass,
    Json,
    JsonObject,
    Level,
    Lookup,
    Money,
    ResultField,
    Reversible,
    Verdict,
    Writer,
)
from sallyport.rules.boundary import units
from sallyport.rules.boundary.amounts import CURRENCIES, minor_digits
from sallyport.rules.boundary.check import check
from sallyport.rules.boundary.diff import diff
from sallyport.rules.boundary.explain import explain
from sallyport.rules.boundary.load import load_system
from sallyport.rules.boundary.problems import Problem, Severity
from sallyport.rules.boundary.schemas import tool_schema
from tests.requirements import requirement
from tests.unit.boundary.examples import (
    SYSTEM,
    TODAY,
    WORKFLOW,
    codes,
    header,
    pin,
    problems_of,
    ruled,
    sentences,
    support,
    verdict,
)

from sallyport.rules.boundary.compile import compile_boundary  # isort: skip
from sallyport.rules.boundary.load import load_workflow  # isort: skip

PAY = """\
    only: {to: {email: "@example.com"}}
    allow: [{args: {amount: {at_most: 50.00 EUR}}, because: tried, until: 2027-01-31}]
    ask: [{args: {amount: {above: 50.00 EUR, at_most: 500.00 EUR}}, who: [lead]}]
"""
DECLARED = """\
system: bank
url: https://bank.example.com/mcp
jurisdiction: EU
tools:
  pay:
    recovery: idempotency_key
    retries: 2
    reversible: true
    undo: {tool: unpay, args: {payment: result.id, why: "taken back", amount: arg.amount}}
    cost: 0.0025 USD
    critical: [amount, to]
    units: {amount: minor EUR}
    args: {to: {data: personal}}
    fields: {payment.id: {data: internal, writer: system}, note: {writer: customer}}
    writer: staff
"""
AMOUNT: JsonObject = {
    "type": "object",
    "properties": {"to": {"type": "string"}, "amount": {"type": "integer"}},
    "required": ["to", "amount"],
}
PINS = (
    pin("pay", inputSchema=AMOUNT),
    pin("unpay", "payment", "why", optional=["amount"]),
)


def bank(body: str = PAY, system: str = DECLARED, *, level: str = "update") -> Boundary:
    """Return a boundary with the one tool `pay`, of a bank that counts cents."""
    declared = load_system(system, "systems/bank.yaml")
    text = f"{header()}tools:\n  pay:\n    level: {level}\n{body}"
    pins = [pin(one.tool, system="bank", **one.definition) for one in PINS]
    return compile_boundary(
        load_workflow(text, "workflows/w.yaml"),
        {declared.name: declared},
        pins,
        code_version="1",
        roles=["lead", "r"],
    )


def errors(boundary: Boundary) -> list[Problem]:
    """Return what keeps a boundary from being signed."""
    found = check(boundary, today=TODAY)
    return [one for one in found if one.severity is Severity.ERROR]


def error_codes(boundary: Boundary) -> list[str]:
    """Return the codes of those."""
    return [one.code.removeprefix("boundary.") for one in errors(boundary)]


def paid(amount: Json) -> JsonObject:
    """Return the arguments of a payment."""
    return {"to": "ann@example.com", "amount": amount}


def test_what_an_operator_declares_stands_in_its_place() -> None:
    """Every word of the system file is kept as it was meant."""
    system = load_system(DECLARED, "bank.yaml")
    pay = system.tools["pay"]
    assert system.jurisdiction == "EU"
    assert pay.reversible is Reversible.TRUE
    assert pay.undo == Lookup(
        tool="unpay", args={"payment": "result.id", "why": "taken back", "amount": "arg.amount"}
    )
    assert (pay.retries, pay.critical) == (2, ("amount", "to"))
    assert pay.cost == Money(Decimal("0.0025"), "USD")
    assert pay.units == {"amount": "EUR"}
    assert pay.args == {"to": DataClass.PERSONAL}
    assert pay.writer is Writer.STAFF
    assert pay.fields == {
        "payment.id": ResultField(data=DataClass.INTERNAL, writer=Writer.SYSTEM),
        "note": ResultField(writer=Writer.CUSTOMER),
    }


def test_what_fits_together_has_no_problem() -> None:
    """The bank's file, its definitions and the workflow agree."""
    assert errors(bank()) == []


@pytest.mark.parametrize(
    "before, after",
    [
        ("jurisdiction: EU", "jurisdiction: DE"),
        ("retries: 2", "retries: 3"),
        ("payment: result.id", "payment: result.number"),
        ("0.0025 USD", "0.0026 USD"),
        ("critical: [amount, to]", "critical: [amount]"),
        ("minor EUR", "minor JPY"),
        ("{to: {data: personal}}", "{to: {data: health}}"),
        ("{data: internal, writer: system}", "{data: internal, writer: customer}"),
        ("{data: internal, writer: system}", "{data: secret, writer: system}"),
        ("note: {writer: customer}", "remark: {writer: customer}"),
        ("writer: staff\n", "writer: agent\n"),
        ("    reversible: true\n", ""),
        ("    critical: [amount, to]\n", ""),
        ("    cost: 0.0025 USD\n", ""),
    ],
)
def test_a_declaration_that_changes_is_told_and_signed_anew(before: str, after: str) -> None:
    """Two system files of different meaning have different digests and different words."""
    assert before in DECLARED
    old, new = bank(), bank(system=DECLARED.replace(before, after, 1))
    implied = before == "    reversible: true\n"
    assert (new.digest != old.digest) is not implied
    assert bool(diff(old, new)) is not implied


def test_the_owner_reads_what_the_operator_declared() -> None:
    """The words that are signed name the units, the way back and the classes of data."""
    told = explain(bank())
    for line in (
        "Its amount is written here in EUR and sent as whole numbers: 100 for 1 EUR.",
        "pay: it is taken back with unpay (payment: ",
        "pay: a call that gets no answer is sent up to 2 times more, as the same call.",
        "pay: whom or how much is decided by amount, to, which people are shown first.",
        'pay: in its answer, "note" was written last by a customer.',
        "Its data lies in EU.",
    ):
        assert line in told


# --- Units. ---


@pytest.mark.parametrize(
    "amount, expected",
    [
        (1, Verdict.ALLOW),
        (5000, Verdict.ALLOW),
        (5001, Verdict.ASK),
        (50000, Verdict.ASK),
        (50001, Verdict.REFUSE),
        (-1, Verdict.REFUSE),
    ],
)
def test_an_owner_writes_euros_and_the_system_takes_cents(amount: int, expected: Verdict) -> None:
    """50.00 EUR in the boundary is 5000 in the call, to the cent."""
    assert verdict(ruled(bank().workflow.tools["pay"], paid(amount))) is expected


def test_the_reason_names_the_amount_and_never_the_count() -> None:
    """An approver reads euros."""
    said = " ".join(sentences(ruled(bank().workflow.tools["pay"], paid(62000))))
    assert "amount 620.00 EUR is above 500.00 EUR" in said
    assert "62000" not in said


@pytest.mark.parametrize(
    "amount", ["50.00 EUR", Decimal("50.00"), {"amount": 50, "currency": "EUR"}, True, None, [5]]
)
def test_what_is_no_whole_number_of_cents_is_refused_whatever_it_seems(amount: Json) -> None:
    """An amount in another unit than the system's would be a hundred times too small or large."""
    ruling = ruled(bank().workflow.tools["pay"], paid(amount))
    assert verdict(ruling) is Verdict.REFUSE
    assert "boundary.unit" in codes(ruling.floors)
    assert "argument `amount` must be a whole number: 5000 for 50.00 EUR" in sentences(ruling)


def test_a_never_counts_in_the_same_unit() -> None:
    """What is forbidden in euros is forbidden in cents."""
    rule = bank("    only: {to: any, amount: any}\n    never: [{args: {amount: {is: 6.66 EUR}}}]\n")
    forbids = "boundary.never"
    assert forbids in codes(ruled(rule.workflow.tools["pay"], paid(666)).floors)
    assert forbids not in codes(ruled(rule.workflow.tools["pay"], paid(667)).floors)
    assert forbids not in codes(ruled(rule.workflow.tools["pay"], paid(6)).floors)


@pytest.mark.parametrize(
    "currency, count, amount",
    [("EUR", 5000, "50.00"), ("JPY", 5000, "5000"), ("KWD", 5000, "5.000"), ("USD", -5, "-0.05")],
)
def test_a_currency_has_the_units_that_it_has(currency: str, count: int, amount: str) -> None:
    """ISO 4217: most currencies have two digits after the point, some none, some three."""
    found = units.money(count, currency)
    assert (str(found.amount), found.currency) == (amount, currency)


@given(st.integers(), st.sampled_from(sorted(CURRENCIES)))
def test_cents_and_amounts_are_two_ways_to_say_one_thing(count: int, currency: str) -> None:
    """Exactly, however large: nothing is rounded."""
    args: JsonObject = {"amount": count, "other": count}
    told = units.stated({"amount": currency}, args)
    assert told["other"] == count
    assert units.sent({"amount": currency}, told) == args
    assert units.count(units.money(count, currency)) == count
    finer = Money(Decimal((0, (1,), -minor_digits(currency) - 1)), currency)
    assert units.count(finer) is None


@given(st.integers(min_value=0, max_value=60_000), st.integers(min_value=0, max_value=60_000))
def test_a_smaller_count_is_never_treated_more_strictly(one: int, other: int) -> None:
    """The order of counts is the order of amounts."""
    rule = bank().workflow.tools["pay"]
    small, large = (verdict(ruled(rule, paid(n))) for n in sorted((one, other)))
    assert small is not None
    assert large is not None
    assert small <= large


def test_the_schema_an_agent_sees_counts_cents() -> None:
    """What an agent is told to propose is what the system takes."""
    told = str(tool_schema(bank().workflow.tools["pay"]))
    assert "'maximum': 5000" in told
    assert "'exclusiveMinimum': 5000" in told
    assert "'type': 'integer'" in told
    assert "100 for 1 EUR" in told


@pytest.mark.parametrize(
    "line",
    [
        "{at_most: 50}",
        "{at_most: 50.00 USD}",
        "{one_of: [50.00 EUR, 5000]}",
        "{is: task.own}",
        "{max_length: 5}",
    ],
)
def test_a_bound_that_counts_something_else_is_an_error(line: str) -> None:
    """A bare number beside cents could mean either."""
    found = bank(f"    only: {{to: {{email: '@example.com'}}, amount: {line}}}\n")
    assert "unit" in error_codes(found)


def test_units_of_what_is_no_number_are_an_error() -> None:
    """An operator who declares cents of a text has looked at another tool."""
    assert "unit" in error_codes(bank(system=DECLARED.replace("{amount: minor", "{to: minor")))


# --- Taking back. ---


@requirement("B-120")
def test_what_nobody_can_take_back_needs_a_gate() -> None:
    """An `allow` over it is an error before signing, and asks a person all the same."""
    final = DECLARED.replace("reversible: true", "reversible: false").replace("    undo", "    # ")
    open_gate = bank(system=final)
    assert [(one.code, one.where) for one in errors(open_gate)] == [
        ("boundary.irreversible", "tools.pay.allow")
    ]
    gated = "    only: {to: {email: any}, amount: {at_most: 500.00 EUR}}\n"
    assert "irreversible" not in error_codes(bank(gated, final))
    assert open_gate.workflow.tools["pay"].irreversible
    assert "Nobody can take it back: each such call asks a person" in explain(open_gate)


@pytest.mark.parametrize(
    "word, named",
    [
        ("{tool: nope, args: {}}", "no_pin"),
        ("{tool: unpay, args: {payment: result.id}}", "unnamed_argument"),
        ("{tool: unpay, args: {payment: result.id, why: x, at: z}}", "unknown_argument"),
        ("{tool: unpay, args: {payment: arg.id, why: x}}", "unknown_argument"),
        ("{tool: unpay, args: {payment: task.id, why: x}}", "unknown_input"),
    ],
)
def test_a_way_back_that_cannot_be_gone_is_an_error(word: str, named: str) -> None:
    """Somebody relies on it."""
    undo = DECLARED[DECLARED.index("undo: ") : DECLARED.index("    cost")]
    assert named in error_codes(bank(system=DECLARED.replace(undo, f"undo: {word}\n")))


# --- Critical arguments, retries, schemas. ---


@pytest.mark.parametrize("level, expected", [("update", ["critical"]), ("read", [])])
@pytest.mark.parametrize(
    "said", ["{to: any, amount: {at_most: 5.00 EUR}}", "{to: {email: any}, amount: {is: 5.00 EUR}}"]
)
def test_whom_it_reaches_is_not_left_open(said: str, level: str, expected: list[str]) -> None:
    """A critical argument without a constraint is an error where a tool changes something."""
    assert [c for c in error_codes(bank(f"    only: {said}\n", level=level)) if c != "level"] == (
        expected
    )


def test_a_critical_argument_is_bounded_in_every_entry() -> None:
    """One entry that leaves it open is one too many."""
    body = """\
    allow:
      - args: {to: {is: ann@example.com}, amount: {at_most: 5.00 EUR}}
        because: tried
        until: 2027-01-31
    ask: [{args: {to: {is: bob@example.com}, amount: any}, who: [lead]}]
"""
    found = [one for one in errors(bank(body)) if one.code == "boundary.critical"]
    assert [one.what for one in found] == [
        "`pay.ask[0]` leaves `amount` open, which decides whom or how much"
    ]


def test_a_retry_that_may_do_a_thing_twice_is_an_error() -> None:
    """Without a key, only a read may be tried again."""
    unkeyed = DECLARED.replace("    recovery: idempotency_key\n", "")
    assert "retries" in error_codes(bank(system=unkeyed))
    assert "retries" not in error_codes(bank(system=unkeyed, level="read"))


@pytest.mark.parametrize("word", ["critical: [amount, two]", "args: {two: {data: personal}}"])
def test_a_declaration_about_another_argument_is_an_error(word: str) -> None:
    """A misspelt name would protect nothing."""
    name = word.split(":", maxsplit=1)[0]
    line = next(line for line in DECLARED.splitlines() if line.strip().startswith(f"{name}:"))
    assert "unknown_argument" in error_codes(bank(system=DECLARED.replace(line, f"    {word}")))


def test_a_tool_without_a_schema_cannot_be_validated() -> None:
    """Nothing would hold its arguments to anything."""
    boundary = support(WORKFLOW)
    bare = {name: replace(one, definition={"name": name}) for name, one in boundary.pins.items()}
    assert "no_schema" in error_codes(replace(boundary, pins=bare))


# --- What every integration needs. ---

WITHOUT = {
    "a boundary": (WORKFLOW[: WORKFLOW.index("tools:")], "missing_word"),
    "an approval": (WORKFLOW.replace("        until: 2027-01-31\n", ""), "exception"),
    "a log": (WORKFLOW + "log: false\n", "unknown_word"),
    "an owner": (WORKFLOW.replace("owner: support-ops@example.com\n", ""), "missing_word"),
}


@requirement("B-02")
@pytest.mark.parametrize("lacking", WITHOUT)
def test_a_file_without_what_every_integration_needs_does_not_load(lacking: str) -> None:
    """Boundary, gate and owner are words that must be there, and no word turns the log off."""
    text, code = WITHOUT[lacking]
    assert text != WORKFLOW
    assert f"boundary.{code}" in {one.code for one in problems_of(text)}


@requirement("B-02")
def test_production_needs_validation_a_way_back_and_somebody_to_tell() -> None:
    """What only shows beside definitions and system files keeps it from being signed."""
    whole = support()
    assert not [one for one in check(whole, today=TODAY) if one.severity is Severity.ERROR]

    bare = {name: replace(one, definition={"name": name}) for name, one in whole.pins.items()}
    assert "no_schema" in error_codes(replace(whole, pins=bare))

    unsaid = SYSTEM.replace(", reversible: false", "")
    assert error_codes(support(system=unsaid)) == ["no_rollback"]
    trial = WORKFLOW.replace("environment: production", "environment: test")
    assert error_codes(support(trial, unsaid)) == []

    for plan in ("stop: {by: [support_lead]}", "stop: {tell: on-call}"):
        start, end = WORKFLOW.index("stop:"), WORKFLOW.index("never: [crm")
        text = f"{WORKFLOW[:start]}{plan}\n{WORKFLOW[end:]}"
        assert error_codes(support(text)) == ["no_stop_plan"]


BROKEN = {
    "reversible: maybe": "wrong_type",
    "reversible: no": "two_faced",
    "reversible: true": "missing_word",
    "reversible: by_hand, undo: {tool: t}": "pointless",
    "undo: {tool: t, args: {a: before.x}}": "missing_word",
    "undo: {tool: t, field: x}": "unknown_word",
    "undo: {tool: t, args: {a: result.}}": "bad_name",
    "retries: 0": "wrong_type",
    "retries: 6": "wrong_type",
    "retries: 5, recovery: idempotency_key, timeout: 10s, idempotency_ttl: 1m": "out_of_range",
    "cost: 5": "wrong_type",
    "cost: 0.00 USD": "wrong_type",
    "cost: 0.0000001 USD": "out_of_range",
    "critical: amount": "wrong_type",
    "critical: ['*']": "wildcard",
    "units: {a: cents}": "wrong_type",
    "units: {a: minor EUX}": "unknown_word",
    "fields: {a..b: {data: public}}": "bad_name",
    "fields: {a: {}}": "empty",
    "fields: {a: {data: privat}}": "unknown_word",
    "args: {a: {writer: staff}}": "unknown_word",
    "writer: me": "unknown_word",
    "writer: [staff]": "wrong_type",
    "reversible: [true]": "wrong_type",
    "reversible: 5": "wrong_type",
    "reversible: by_hand, undo: {tool: t, args: {a: result.id}}": "pointless",
    "reversible: false, undo: {tool: t}": "pointless",
    "cost: [0.01 USD]": "wrong_type",
    "cost: -0.01 USD": "wrong_type",
    "cost: 0.01 EUX": "wrong_type",
    "critical: ['a b']": "bad_name",
    "units: minor EUR": "wrong_type",
    "units: {a: 5}": "wrong_type",
    "units: {a: minor QQQ}": "unknown_word",
    "units: {'*': minor EUR}": "wildcard",
    "fields: [a]": "wrong_type",
    "fields: {a: public}": "wrong_type",
    "fields: {a: {dat: public}}": "unknown_word",
    "fields: {a: {writer: [staff]}}": "wrong_type",
    "args: [a]": "wrong_type",
    "args: {a: personal}": "wrong_type",
    "args: {a: {}}": "empty",
    "args: {'*': {data: public}}": "wildcard",
    "changes: {}": "empty",
    "changes: 7": "wrong_type",
    "changes: {'*': 1}": "wildcard",
    "changes: {state: [1]}": "wrong_type",
    "changes: {state: {becomes: 1, to: 1}}": "unknown_word",
    "changes: {state: {}}": "missing_word",
    "changes: {state: {to: 1, plus: 1}}": "missing_word",
    "changes: {state: {to: [1]}}": "wrong_type",
    "changes: {state: {to: 1, with: [a]}}": "wrong_type",
    "changes: {state: arg.}": "bad_name",
}


@pytest.mark.parametrize("words", BROKEN)
def test_a_declaration_that_means_nothing_is_refused(words: str) -> None:
    """Strictly, with what to write instead."""
    found = problems_of(
        f"system: s\nurl: https://s.example/\ntools: {{t: {{{words}}}}}\n", system=True
    )
    assert f"boundary.{BROKEN[words]}" in {one.code for one in found}


LONGEST = ".".join(["x" * 100] * 21)


@pytest.mark.parametrize(
    "words",
    [
        "retries: 5, recovery: idempotency_key",
        "cost: 0.000001 USD",
        "reversible: by_hand",
        "reversible: false",
        "reversible: true, undo: {tool: t}",
        "reversible: true, before: {tool: t}",
        "fields: {a: {writer: unknown}}",
        "units: {a: minor QAR, b: minor JPY}",
        f"fields: {{? {LONGEST} : {{data: secret}}}}",
    ],
)
def test_a_declaration_may_go_to_its_limit(words: str) -> None:
    """Five more tries, six decimals, twenty steps into an answer: that much and no more."""
    assert (
        problems_of(f"system: s\nurl: https://s.example/\ntools: {{t: {{{words}}}}}\n", system=True)
        == ()
    )


@pytest.mark.parametrize("path", [f"{LONGEST}.x", "x" * 101, f"a.{'x' * 101}", ".a", "a.", ""])
def test_a_way_into_an_answer_has_names_and_an_end(path: str) -> None:
    """At most 21 names of 1 to 100 letters."""
    fields = f"{{? {path!r} : {{data: secret}}}}"
    (found,) = problems_of(
        f"system: s\nurl: https://s.example/\ntools: {{t: {{fields: {fields}}}}}\n", system=True
    )
    assert (found.code, found.what) == ("boundary.bad_name", f"`{path}` is not a way to a value")


@pytest.mark.parametrize("words", ["undo: {tool: t}", "reversible: true, undo: {tool: t}"])
def test_whoever_says_how_a_thing_is_taken_back_says_that_it_can_be(words: str) -> None:
    """An `undo` alone is the promise."""
    text = f"system: s\nurl: https://s.example/\ntools: {{t: {{{words}}}, u: {{cost: 1 EUR}}}}\n"
    tools = load_system(text, "s").tools
    assert tools["t"].reversible is Reversible.TRUE
    assert tools["u"].reversible is None
    assert tools["u"].writer is Writer.UNKNOWN


@pytest.mark.parametrize("place", ["Europe", "eu", "D", "DEU", "DE FR", "\u00c4T"])
def test_a_jurisdiction_is_two_letters(place: str) -> None:
    """So that the workflow's list and the system's word can be compared."""
    assert problems_of(f"system: s\nurl: https://s.example/\njurisdiction: {place}\n", system=True)


def test_a_system_need_not_say_where_its_data_lies() -> None:
    """Then it lies nowhere that a workflow could ask for; what is no text says nothing."""
    bare = "system: s\nurl: https://s.example/\n"
    assert load_system(bare, "s").jurisdiction == ""
    (found,) = problems_of(f"{bare}jurisdiction: 5\n", system=True)
    assert found.what == "`jurisdiction` is not text"


def test_levels_are_what_the_checks_compare() -> None:
    """*Update* and what is above it changes or reaches somebody."""
    assert [one.name for one in Level if one >= Level.UPDATE] == ["UPDATE", "EXTERNAL"]
