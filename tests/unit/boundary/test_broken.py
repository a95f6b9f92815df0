"""More broken files: each says one thing that would quietly mean nothing, or something else.

What is said of each stands in `golden/said/test_broken.txt`.
"""

from __future__ import annotations

import pytest

from sallyport.model import Constraint, Json, Operator
from sallyport.rules.boundary import check as checked
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.constraints import unmet
from sallyport.rules.boundary.load import load_system, load_workflow
from sallyport.rules.boundary.moments import as_moment
from tests.unit.boundary.examples import (
    PINS,
    READS,
    SYSTEM,
    TODAY,
    WORKFLOW,
    pin,
    problems_of,
    support,
)
from tests.unit.boundary.gallery import one_tool
from tests.unit.boundary.test_always import always
from tests.unit.boundary.test_system_words import DECLARED

LONG = "x" * 20_001
MANY = range(201)
TEMPLATE = 'templates: {{body: {{one: {{text: "{text}", slots: {{{slots}}}}}}}}}'

WORKFLOWS = {
    "always of no tool": always("{tool: [], at_least: ask}"),
    "always about arguments of no tool": always("{tool: [tikets, mail.send], args: {tox: any}}"),
    "always about nothing": f"{WORKFLOW}always: soon\n",
    "a line of always that is no table": always("soon"),
    "always with args that are none": always("{tool: mail.send, args: soon}"),
    "always with a sum of two amounts": always("{sum: refund_per_day, at_most: {a: 1}}"),
    "always without what is summed": always("{sum: [], at_most: 1.00 EUR}"),
    "absent and optional": one_tool("only: {a: {absent: true, optional: true}}"),
    "absent is false": one_tool("only: {a: {absent: false}}"),
    "any is a word": one_tool("only: {a: {any: thing}}"),
    "a list where one value stands": one_tool("only: {a: {is: [1]}}"),
    "a prefix that is a number": one_tool("only: {a: {starts_with: 5}}"),
    "a prefix of the task": one_tool("only: {a: {starts_with: task.own}}"),
    "one of nothing": one_tool("only: {a: {one_of: []}}"),
    "a domain of nothing": one_tool("only: {a: {domain: []}}"),
    "a domain that is a number": one_tool("only: {a: {domain: 5}}"),
    "a folder with a backslash": one_tool("only: {a: {path_under: 'srv\\\\a'}}"),
    "a place in words": one_tool("only: {a: {url: [somewhere]}}"),
    "a limit nobody knows": WORKFLOW.replace("sent_per_hour: 20", "mails_per_day: 20"),
    "a limit in no currency": WORKFLOW.replace("sent_per_hour: 20", "refund_per_day: 5.00 XYZ"),
    "an amount in no currency": one_tool("only: {a: {at_most: 5.00 XYZ}}"),
    "an amount in nearly one": one_tool("only: {a: {at_most: 5.00 EUS}}"),
    "a limit with many decimals": WORKFLOW.replace(
        "sent_per_hour: 20", "refund_per_day: 5.1234567 EUR"
    ),
    "a limit with a word that is none": WORKFLOW.replace(
        "sent_per_hour: 20", "sent_per_hour: {at_mots: 20}"
    ),
    "a limit for each number": WORKFLOW.replace(
        "sent_per_hour: 20", "sent_per_hour: {at_most: 20, each: 5}"
    ),
    "a limit for each of what is none": WORKFLOW.replace(
        "sent_per_hour: 20", "sent_per_hour: {at_most: 20, each: too}"
    ),
    "a limit of nothing": WORKFLOW.replace("sent_per_hour: 20", "refund_per_day: 0.00 EUR"),
    "a limit in words": WORKFLOW.replace("sent_per_hour: 20", "cost_per_day: much"),
    "no class of data": WORKFLOW.replace("purpose:", "data: []\npurpose:"),
    "a purpose without an end": WORKFLOW.replace("purpose: Answer", f"purpose: {LONG}"),
    "facts without values": one_tool("when: {state: []}"),
    "a fact that is a table": one_tool("when: {state: [{a: 1}]}"),
    "no entry": one_tool("ask: []", "allow: []", "never: []"),
    "more entries than anybody reads": one_tool(
        "never:", *(f"  - {{args: {{a: {{is: {n}}}}}}}" for n in MANY)
    ),
    "never what is optional": one_tool("never: [{args: {a: {is: 1, optional: true}}}]"),
    "an answer that asks": WORKFLOW.replace(
        "  mail.send:\n", "  resources/list:\n    level: read\n    may_ask: [form]\n  mail.send:\n"
    ),
    "a template without an end": one_tool(TEMPLATE.format(text=LONG, slots="")),
    "a template of blanks": one_tool(TEMPLATE.format(text=" ", slots="")),
    "a template with a brace": one_tool(TEMPLATE.format(text="{a} and {", slots="a: any")),
    "slots that touch": one_tool(
        TEMPLATE.format(text="{a}{b}", slots="a: {max_length: 5}, b: {max_length: 5}")
    ),
    "a slot twice": one_tool(TEMPLATE.format(text="{a} {a}", slots="a: {max_length: 5}")),
    "a slot with capitals": one_tool(TEMPLATE.format(text="{a}", slots="A: {max_length: 5}")),
    "a slot that may be left out": one_tool(
        TEMPLATE.format(text="{a}", slots="a: {max_length: 5, optional: true}")
    ),
    "a slot for anything": one_tool(TEMPLATE.format(text="{a}", slots="a: any")),
    "a slot without an end": one_tool(TEMPLATE.format(text="{a}", slots="a: {max_length: 5000}")),
    "a slot that nobody fills": one_tool(TEMPLATE.format(text="{a}", slots="b: {max_length: 5}")),
    "more templates than anybody reads": one_tool(
        f"templates: {{body: {{{', '.join(f't{n}: {{text: t{n}}}' for n in MANY)}}}}}"
    ),
    "no template": one_tool("templates: {body: {}}"),
    "a template without a text": one_tool("templates: {body: {one: {slots: {}}}}"),
    "an escape that names no character": 'workflow: "\\UFFFFFFFF"\n',
}

SYSTEMS = {
    "nothing to start": "system: s\ntransport: stdio\ncommand: []\n",
    "a place in a page": SYSTEM.replace("/mcp\n", "/mcp#here\n"),
    "an address with a port that is none": SYSTEM.replace("example.com/mcp", "example.com:x/mcp"),
    "an address with a blank": SYSTEM.replace("/mcp\n", '/m cp"\n').replace("url: h", 'url: "h'),
    "a variable that is none": "system: s\ntransport: stdio\ncommand: [a]\nenv: {a-b: c}\n",
    "a secret without a name": "system: s\ntransport: stdio\ncommand: [a]\nenv: {A: 'secret:'}\n",
}

# What an operator declares of a payment, and what is wrong in its place.
DECLARED_WRONG = {
    "arguments in words": ("args: {to: {data: personal}}", "args: to"),
    "an argument in words": ("{to: {data: personal}}", "{to: personal}"),
    "a class that is none": ("data: personal", "data: privat"),
    "a writer who is none": ("writer: staff", "writer: stuff"),
    "a writer of a field who is none": ("writer: customer", "writer: boss"),
    "a field in words": ("note: {writer: customer}", "note: customer"),
    "a unit that is none": ("minor EUR", "euro"),
    "a unit of no currency": ("minor EUR", "minor EUX"),
    "units in words": ("{amount: minor EUR}", "minor EUR"),
    "a cost in words": ("0.0025 USD", "little"),
    "a cost in no currency": ("0.0025 USD", "0.0025 USX"),
    "a cost below nothing": ("0.0025 USD", "-1.00 USD"),
    "retries in words": ("retries: 2", "retries: often"),
    "reversible in words": ("reversible: true", "reversible: maybe"),
    "reversible, a number": ("reversible: true", "reversible: 1"),
    "critical in words": ("[amount, to]", "amount"),
    "a way back without a tool": ("{tool: unpay, args", "{args"),
    "a way back of what has none": ("reversible: true", "reversible: false"),
    "a place that is none": ("jurisdiction: EU", "jurisdiction: Europe"),
}
SYSTEMS.update(
    {title: DECLARED.replace(before, after) for title, (before, after) in DECLARED_WRONG.items()}
)


@pytest.mark.parametrize("title", WORKFLOWS)
def test_no_broken_workflow_loads(title: str) -> None:
    """And whoever wrote it is told where, and what to write."""
    found = problems_of(WORKFLOWS[title])

    assert found
    assert all(one.what and one.fix for one in found)


@pytest.mark.parametrize("title", SYSTEMS)
def test_no_broken_system_loads(title: str) -> None:
    """A system file is as strict as a workflow's."""
    assert problems_of(SYSTEMS[title], system=True)


def test_a_look_up_that_another_system_offers_too_is_told() -> None:
    """The other would answer it, about records of its own."""
    systems = {
        name: load_system(SYSTEM.replace("system: desk", f"system: {name}"), f"{name}.yaml")
        for name in ("desk", "other")
    }
    theirs = "tools:\n  tickets.get: {system: other, level: read, only: {ticket_id: any}}\n"
    boundary = compile_boundary(
        load_workflow(WORKFLOW.replace("tools:\n", theirs), "w"),
        systems,
        (*PINS, pin("tickets.get", "ticket_id", system="other", annotations=READS)),
        code_version="1",
        roles=[],
    )

    found = checked.check(boundary, today=TODAY, offered=PINS)

    assert "look-up tool `tickets.get` is offered by other and desk" in [one.what for one in found]


@pytest.mark.parametrize(
    "before, after, what",
    [
        (
            "who: [support_agent, support_lead]",
            "who: [step.risk]",
            "`step.risk` is asked about what leaves the house",
        ),
        (
            "who: [support_lead]\n",
            "who: [step.risk]\n        needs_human: true\n",
            "`step.risk` is asked what needs a human",
        ),
        (
            "args: {refund: {at_most: 50.00 EUR",
            "args: {refnd: {at_most: 50.00 EUR",
            "`tickets.update` has no argument `refnd`",
        ),
        (
            "args: {refund: {above",
            "args: {refnd: {above",
            "`tickets.update` has no argument `refnd`",
        ),
        (
            "args: {status: {one_of: [deleted",
            "args: {statu: {one_of: [deleted",
            "`tickets.update` has no argument `statu`",
        ),
        ("template: {one_of", "templat: {one_of", "`mail.send` has no argument `templat`"),
        ("expires: 2027-03-31", "expires: 2026-11-30", "the workflow ended on 2026-11-30"),
        ("expires: 2027-03-31", "expires: 2026-12-08", "the workflow ends on 2026-12-08"),
        ("until: 2027-01-31", "until: 2026-11-30", "`tickets.update.allow[0]` ended on 2026-11-30"),
        (
            "never: [crm.export]",
            "never: [mail.send]",
            "`mail.send` is declared and never allowed at once",
        ),
        (
            "status: {one_of: [open, pending, solved]}",
            "status: absent",
            "`tickets.update` needs the argument `status`, which must be left out",
        ),
    ],
)
def test_what_does_not_fit_together_is_told(before: str, after: str, what: str) -> None:
    """By `check`, with the place and what to write."""
    assert before in WORKFLOW

    found = checked.check(support(WORKFLOW.replace(before, after, 1)), today=TODAY, offered=PINS)

    assert what in [one.what for one in found]


@pytest.mark.parametrize(
    "value, held",
    [([], False), (["a"], False), (["b"], True), (["a", "b"], True), ("b", False), (None, False)],
)
def test_some_item_fits_where_one_does(value: Json, held: bool) -> None:
    """Of a list; nothing else is one."""
    some = Constraint(
        operator=Operator.SOME, inner=(Constraint(operator=Operator.IS, bounds=("b",)),)
    )

    assert (unmet("a", some, value, {}) == "") is held
    if not held:
        what = "hold an item that fits" if isinstance(value, list) else "be a list"
        assert unmet("a", some, value, {}) == f"a must {what}"


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T00:00:00Z",
        "0001-01-01T00:00:00+23:00",
        "9999-12-31T23:59:59-23:00",
        "2026-01-01T24:00:01Z",
    ],
)
def test_a_time_that_no_clock_shows_is_none(text: str) -> None:
    """Neither a day that there is not, nor one outside the years that can be counted."""
    assert as_moment(text) is None
