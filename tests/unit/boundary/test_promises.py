"""What a workflow and its systems promise, and nothing keeps: told before anybody signs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from sallyport.model import Boundary, Json, JsonObject, Lookup
from sallyport.rules.boundary.problems import Problem
from sallyport.rules.boundary.promises import known_arguments, of_tool, of_undo, of_workflow
from tests.unit.boundary.examples import SYSTEM, WORKFLOW, pin, support
from tests.unit.boundary.test_system_words import AMOUNT, DECLARED, PAY, bank

ONE: JsonObject = {"properties": {"a": {}, "b": {}}}
CLOSED = "{to: {email: '@example.com'}, amount: {at_most: 5.00 EUR}}"


def lines(found: Iterable[Problem]) -> list[str]:
    """Return problems, each as its place, its code and its sentence."""
    return [
        f"{one.where} {one.code.removeprefix('boundary.')}: {one.what}; {one.fix}" for one in found
    ]


def of_pay(boundary: Boundary, schema: Json = AMOUNT) -> list[str]:
    """Return what is told of the tool `pay`, whose arguments have this schema."""
    return lines(of_tool(boundary, boundary.workflow.tools["pay"], pin("pay", inputSchema=schema)))


def only(said: str) -> str:
    """Return the lines of a tool that always asks this of its arguments."""
    return f"    only: {said}\n"


@pytest.mark.parametrize(
    "schema, known",
    [
        (ONE, {"a", "b"}),
        ({}, set[str]()),
        ({"properties": {}}, set[str]()),
        ({**ONE, "additionalProperties": False}, {"a", "b"}),
        ({**ONE, "additionalProperties": True}, None),
        ({**ONE, "additionalProperties": {}}, None),
        ({"properties": ["a"]}, None),
        *(({**ONE, word: {}}, None) for word in ("$ref", "allOf", "anyOf", "oneOf")),
        ({**ONE, "patternProperties": {}}, None),
        ("none", set[str]()),
        (None, set[str]()),
    ],
)
def test_the_arguments_of_a_tool_are_known_where_its_schema_lists_them(
    schema: Json, known: set[str] | None
) -> None:
    """And open where it refers to others, or lets any pass."""
    assert known_arguments(pin("t", inputSchema=schema)) == known


PLANS = [
    ("stop: {by: [lead], tell: on-call}", ""),
    ("stop: {tell: on-call}", "`by`"),
    ("stop: {by: [lead]}", "`tell`"),
    ("stop: {by_hand: manual}", "`by` and `tell`"),
]


@pytest.mark.parametrize("plan, lacking", PLANS)
def test_production_says_who_stops_it_and_who_is_told(plan: str, lacking: str) -> None:
    """Elsewhere nobody need."""
    start, end = WORKFLOW.index("stop:"), WORKFLOW.index("never: [crm")
    text = f"{WORKFLOW[:start]}{plan}\n{WORKFLOW[end:]}"
    trial = text.replace("environment: production", "environment: test")
    told = (
        f"stop no_stop_plan: it acts on production, and `stop` does not say {lacking}; "
        "add `stop: {by: [a_role], tell: somebody}`"
    )

    assert lines(of_workflow(support(text))) == ([told] if lacking else [])
    assert lines(of_workflow(support(trial))) == []


UNSAID = (
    "tools.mail.send no_rollback: nobody says whether what `mail.send` does can be taken back; "
    "state `reversible: true`, `by_hand` or `false` for it in its system's file, or add `undo`"
)


@pytest.mark.parametrize(
    "level, environment, undo, system, told",
    [
        ("external", "production", "", ", reversible: false", []),
        ("external", "production", "", "", [UNSAID]),
        ("create", "production", "", "", [UNSAID]),
        ("classify", "production", "", "", []),
        ("external", "production", "    undo: {to: by_hand}\n", "", []),
        ("external", "test", "", "", []),
    ],
)
def test_production_says_whether_what_was_made_can_be_taken_back(
    level: str, environment: str, undo: str, system: str, told: list[str]
) -> None:
    """By its system's file or by the workflow, for whatever makes or changes something."""
    text = WORKFLOW.replace("environment: production", f"environment: {environment}").replace(
        "    level: external\n", f"    level: {level}\n{undo}"
    )
    boundary = support(text, SYSTEM.replace(", reversible: false", system))
    rule = boundary.workflow.tools["mail.send"]

    assert lines(of_tool(boundary, rule, boundary.pins["mail.send"])) == told


def test_what_nobody_can_take_back_is_not_let_happen_unasked() -> None:
    """Each entry that would is named; one that asks is as it should be."""
    final = DECLARED.replace("reversible: true", "reversible: false").replace("    undo", "    # ")
    more = "{args: {amount: {above: 60.00 EUR}}, because: x, until: 2027-01-31}"
    two = PAY.replace("until: 2027-01-31}", f"until: 2027-01-31}}, {more}")
    two = two[: two.index("    ask:")]
    open_ = "lets happen unasked what nobody can take back; write it under `ask`, or have"

    assert of_pay(bank(two, final)) == [
        f"tools.pay.allow irreversible: `pay.allow[{n}]` {open_} the system's operator declare a "
        "way back"
        for n in (0, 1)
    ]
    assert of_pay(bank(two)) == []
    assert of_pay(bank(only(CLOSED), final)) == []


def leaves_open(name: str, where: str = "pay") -> str:
    """Return what is told of a critical argument that may be anything."""
    return (
        f"tools.pay.only.{name} critical: `{where}` leaves `{name}` open, which decides whom or "
        f"how much; add a constraint on `{name}`, such as `one_of` or `at_most`"
    )


@pytest.mark.parametrize(
    "body, told",
    [
        (only(CLOSED), []),
        (only("{to: any, amount: {at_most: 5.00 EUR}}"), [leaves_open("to")]),
        (only("{to: {max_length: 9}, amount: {at_most: 5.00 EUR}}"), [leaves_open("to")]),
        (only("{to: {domain: any}, amount: {at_most: 5.00 EUR}}"), [leaves_open("to")]),
        (
            only("{to: {domain: any, max_length: 9}, amount: any}"),
            [leaves_open("to"), leaves_open("amount")],
        ),
        (only("{to: {domain: example.com}, amount: {at_most: 5.00 EUR}}"), []),
        (only("{to: {starts_with: a}, amount: {at_most: 5.00 EUR}}"), []),
        (only("{to: absent, amount: {at_most: 5.00 EUR}}"), []),
        (only("{to: {is: a}}"), []),
        (
            (
                f"{only('{to: any, amount: any}')}"
                "    ask:\n"
                "      - {args: {to: {is: a}, amount: {at_most: 5.00 EUR}}, who: [lead]}\n"
                "      - {args: {to: {is: b}}, who: [lead]}\n"
            ),
            [leaves_open("amount", "pay.ask[1]")],
        ),
        (
            (
                "    allow:\n"
                "      - {args: {to: any, amount: {at_most: 5.00 EUR}}, because: x,"
                " until: 2027-01-31}\n"
                "    ask:\n"
                "      - {args: {to: {is: a}, amount: {above: 5.00 EUR}}, who: [lead]}\n"
            ),
            [leaves_open("to", "pay.allow[0]")],
        ),
    ],
)
def test_what_decides_whom_or_how_much_is_bounded(body: str, told: list[str]) -> None:
    """In each entry, by itself or by what always holds; by more than its length."""
    trusting = DECLARED.replace("critical: [amount, to]", "critical: [to, amount]")

    assert of_pay(bank(body, trusting)) == told
    assert of_pay(bank(body, trusting, level="classify")) == []


def declares(words: str) -> str:
    """Return the bank's file with nothing declared of its payment but this."""
    return f"system: bank\nurl: https://bank.example.com/mcp\ntools: {{pay: {{{words}}}}}\n"


def unknown(name: str, word: str) -> str:
    """Return what is told of an argument that a system's file names and its tool has not."""
    return (
        f"tools.pay.{word} unknown_argument: `pay` has no argument `{name}`, which `{word}` of its "
        "system names; use one of: amount, to"
    )


@pytest.mark.parametrize(
    "words, word",
    [
        ("critical: [xyz]", "critical"),
        ("units: {xyz: minor EUR}", "units"),
        ("args: {xyz: {data: public}}", "args"),
    ],
)
def test_what_is_declared_of_an_argument_is_declared_of_one_that_is_there(
    words: str, word: str
) -> None:
    """Unless the tool leaves open what it takes."""
    boundary = bank(only(CLOSED), declares(words))
    known = words.replace("xyz", "amount")

    assert of_pay(boundary) == [unknown("xyz", word)]
    assert of_pay(bank(only("{xyz: {at_most: 5}}"), declares(words))) == [unknown("xyz", word)]
    assert of_pay(boundary, {**AMOUNT, "anyOf": []}) == []
    assert of_pay(bank(only(CLOSED), declares(known))) == []
    near = replace(
        boundary, systems=bank(only(CLOSED), declares(words.replace("xyz", "amuont"))).systems
    )
    assert of_pay(near)[0].endswith("names; did you mean `amount`?")


NO_AMOUNT = "`amount` counts EUR, and its bound is no amount in EUR; write an amount, such as"
NO_WORD = "fits no amount; write `at_most`, `is` or another word for amounts"


@pytest.mark.parametrize(
    "said, told",
    [
        ("{at_most: 5.00 EUR}", []),
        ("{at_least: 5.00 EUR, below: 9.00 EUR}", []),
        ("{is: 5.00 EUR}", []),
        ("{one_of: [5.00 EUR, 6.00 EUR]}", []),
        ("any", []),
        ("absent", []),
        ("{at_most: 5}", [f"{NO_AMOUNT} `50.00 EUR`"]),
        ("{at_most: 5.00 USD}", [f"{NO_AMOUNT} `50.00 EUR`"] * 2),
        ("{one_of: [5.00 EUR, 6]}", [f"{NO_AMOUNT} `50.00 EUR`"]),
        ("{is: task.own}", [f"{NO_AMOUNT} `50.00 EUR`"]),
        ("{email: any}", [f"`amount` counts EUR, and `email` {NO_WORD}"]),
        ("{each: {at_most: 5.00 EUR}}", [f"`amount` counts EUR, and `each` {NO_WORD}"]),
        ("{max_length: 5}", [f"{NO_AMOUNT} `50.00 EUR`"]),
    ],
)
def test_a_bound_on_what_counts_cents_is_an_amount(said: str, told: list[str]) -> None:
    """Wherever it stands: always, where it is allowed, asked or forbidden."""
    system = declares("units: {amount: minor EUR}")
    wanted = [f"tools.pay.only.amount unit: {one}" for one in told]
    entry = f"{{args: {{amount: {said}}}, because: x, until: 2027-01-31}}"

    assert of_pay(bank(only(f"{{amount: {said}}}"), system)) == wanted
    assert of_pay(bank(f"    allow: [{entry}]\n", system)) == wanted
    assert (
        of_pay(
            bank(f"    ask: [{entry.replace(', until: 2027-01-31', ', who: [lead]')}]\n", system)
        )
        == wanted
    )
    assert of_pay(bank(only(f"{{to: {said}}}"), system)) == []
    if "each" not in said:
        never = f"    never: [{entry.replace(', until: 2027-01-31', '')}]\n"
        forbidden = of_pay(bank(never, system))
        assert set(forbidden) == set(wanted)


@pytest.mark.parametrize(
    "kind, fits",
    [
        ("integer", True),
        ("number", True),
        (["number", "null"], True),
        (["string", "integer"], True),
        (None, True),
        (5, True),
        ([], True),
        ("string", False),
        (["string", "null"], False),
    ],
)
def test_units_are_declared_of_what_may_be_a_number(kind: Json, *, fits: bool) -> None:
    """As far as the definition says what it is."""
    boundary = bank(only(CLOSED), declares("units: {amount: minor EUR}"))
    schema: JsonObject = {"properties": {"amount": {"type": kind}}}

    assert of_pay(boundary, schema) == (
        []
        if fits
        else [
            (
                "tools.pay.units unit: `amount` is declared to count EUR, and the tool takes no "
                "number; remove `amount` from `units`"
            )
        ]
    )
    assert of_pay(boundary, {"properties": {"amount": kind}}) == []
    assert of_pay(boundary, {"properties": [], "type": "object"}) == []


TWICE = (
    "tools.pay.retries retries: `pay` is retried, and a second try may do it twice; remove "
    "`retries`, or add `recovery: idempotency_key` if its system knows the key"
)


@pytest.mark.parametrize(
    "words, level, told",
    [
        ("retries: 1", "create", [TWICE]),
        ("retries: 1", "classify", [TWICE]),
        ("retries: 1", "read", []),
        ("retries: 1, recovery: idempotency_key", "create", []),
        ("timeout: 5s", "create", []),
    ],
)
def test_only_a_read_or_a_keyed_call_is_tried_again(
    words: str, level: str, told: list[str]
) -> None:
    """Anything else might happen twice."""
    assert of_pay(bank(only(CLOSED), declares(words), level=level)) == told


def test_a_tool_says_what_arguments_it_takes() -> None:
    """Without that, nothing would hold them to anything; and what is not said is not declared."""
    boundary = bank(only(CLOSED), declares("timeout: 5s"))
    told = [
        (
            "tools.pay no_schema: the definition of `pay` does not say what arguments it takes; "
            "have its system publish an `inputSchema`, and accept it"
        )
    ]

    assert of_pay(boundary, None) == told
    assert of_pay(boundary, "{}") == told
    assert of_pay(boundary, {}) == []
    assert (
        of_pay(replace(boundary, systems={"bank": replace(boundary.systems["bank"], tools={})}))
        == []
    )


def undone(args: JsonObject, own: Json = AMOUNT, schema: Json = None) -> list[str]:
    """Return what is told of a way to take `pay` back by `unpay` with these arguments."""
    definition: JsonObject = {"properties": {"id": {}, "why": {}}, "required": ["id"]}
    pins = {
        "pay": pin("pay", inputSchema=own),
        "unpay": pin("unpay", inputSchema=definition if schema is None else schema),
    }
    return lines(of_undo(bank(), "bank", "pay", Lookup(tool="unpay", args=args), pins))


TAKES_BACK = "`unpay`, which takes back `pay`,"
AT_BANK = "systems.bank"


@pytest.mark.parametrize(
    "args, told",
    [
        ({"id": "arg.to"}, []),
        ({"id": "arg.to", "why": "arg.amount"}, []),
        ({"id": "result.id", "why": "arg"}, []),
        ({"id": 5, "why": None}, []),
        (
            {"id": "arg.too"},
            [
                (
                    f"{AT_BANK} unknown_argument: `pay` of `bank` has no argument `too` to be "
                    "taken back by; did you mean `to`?"
                )
            ],
        ),
        (
            {"id": "x", "whi": "y"},
            [
                (
                    f"{AT_BANK} unknown_argument: {TAKES_BACK} has no argument `whi`; "
                    "did you mean `why`?"
                )
            ],
        ),
        (
            {"id": "x", "zzz": "y"},
            [
                (
                    f"{AT_BANK} unknown_argument: {TAKES_BACK} has no argument `zzz`; "
                    "use one of: id, why"
                )
            ],
        ),
        (
            {"why": "x"},
            [
                (
                    f"{AT_BANK} unnamed_argument: {TAKES_BACK} needs the argument `id`; "
                    "add `id` to `undo`"
                )
            ],
        ),
    ],
)
def test_a_way_back_can_be_gone(args: JsonObject, told: list[str]) -> None:
    """Its call has what it needs, and nothing that it does not know."""
    assert undone(args) == told


def test_of_what_is_open_nothing_is_told() -> None:
    """A definition that takes anything may take this as well; one that is gone takes nothing."""
    open_: JsonObject = {"additionalProperties": True}
    missing = Lookup(tool="unpay", args={})
    told = [
        (
            f"{AT_BANK} no_pin: {TAKES_BACK} is not accepted; "
            "connect the system and accept its definition"
        )
    ]

    assert undone({"id": "arg.too"}, own=open_) == []
    assert undone({"zzz": "x"}, schema=open_) == []
    assert undone({}, schema={"required": "id"}) == []
    assert undone({}, schema={"required": [5]}) == []
    assert lines(of_undo(bank(), "bank", "pay", missing, {"pay": pin("pay")})) == told
    taken = Lookup(tool="unpay", args={"x": "arg.nope"})
    assert lines(of_undo(bank(), "bank", "pay", taken, {"unpay": pin("unpay", "x")})) == []
