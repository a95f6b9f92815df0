"""Where data may lie, what it may be, whom to trust, what is counted: checked before signing."""

from __future__ import annotations

import pytest

from sallyport.model import USUAL_DATA, DataClass, Limit, Trusted
from sallyport.rules.boundary.check import check
from sallyport.rules.boundary.load import load_workflow
from sallyport.rules.boundary.problems import Problem, Severity
from sallyport.rules.boundary.sources import EU_MEMBERS
from tests.unit.boundary.examples import SYSTEM, TODAY, WORKFLOW, header, problems_of, support

HEAD = "workflow: customer-support\n"


def with_words(words: str) -> str:
    """Return the support desk's file with further lines at its head."""
    return WORKFLOW.replace(HEAD, f"{HEAD}{words}\n")


def found(words: str, system: str = SYSTEM) -> list[Problem]:
    """Return what a reviewer is told of the words of the workflow's head."""
    text = with_words(words)
    assert problems_of(text) == ()
    places = ("jurisdiction", "tools.crm", "trust", "limits")
    every = check(support(text, system), today=TODAY)
    return [one for one in every if one.where.startswith(places)]


def said(words: str, system: str = SYSTEM) -> list[str]:
    """Return the same as sentences."""
    return [one.what for one in found(words, system)]


def at_desk(**words: str) -> str:
    """Return the desk's file with further words of the desk, and of `crm.get_contact`."""
    tool = words.pop("contact", "")
    more = "".join(f"{word}: {value}\n" for word, value in words.items())
    return SYSTEM.replace("transport: http\n", f"transport: http\n{more}").replace(
        "tools:\n", f"tools:\n  crm.get_contact: {tool}\n" if tool else "tools:\n"
    )


def test_a_system_must_lie_where_the_workflow_says() -> None:
    """Elsewhere is an error, and so is a system of which nobody says where it lies."""
    assert said("jurisdiction: [EU]") == [
        "it is not said where system `desk` lies, and the workflow needs EU"
    ]
    assert said("jurisdiction: [EU, CH]", at_desk(jurisdiction="US")) == [
        "system `desk` lies in US, not in CH or EU"
    ]
    assert said("jurisdiction: [EU]", at_desk(jurisdiction="EU")) == []
    assert said("jurisdiction: [EU]", at_desk(jurisdiction="DE")) == []
    assert said("jurisdiction: [DE]", at_desk(jurisdiction="EU")) == [
        "system `desk` lies in EU, not in DE"
    ]
    assert said("", at_desk(jurisdiction="US")) == []


@pytest.mark.parametrize("data", DataClass)
def test_data_of_a_class_that_is_not_handled_is_an_error(data: DataClass) -> None:
    """Taken or returned; health and secrets only where the workflow names them."""
    taken = at_desk(contact=f"{{args: {{contact_id: {{data: {data.value}}}}}}}")
    given = at_desk(contact=f"{{fields: {{notes: {{data: {data.value}}}}}}}")
    usual = data in USUAL_DATA

    assert said("", taken) == (
        [] if usual else [f"`crm.get_contact` takes `contact_id`, which is {data.value} data"]
    )
    assert said("", given) == (
        [] if usual else [f"`crm.get_contact` returns `notes`, which is {data.value} data"]
    )
    assert said(f"data: [{data.value}]", given) == []
    assert all(one.severity is Severity.ERROR for one in found("", given))


def test_data_that_no_call_may_hand_over_needs_no_word() -> None:
    """An argument that the workflow does not name is refused, whatever it would hold."""
    system = SYSTEM.replace("reversible: false", "reversible: false, args: {body: {data: health}}")
    without = WORKFLOW.replace("      body: {max_length: 4000, optional: true}\n", "")

    def told(text: str) -> list[str]:
        return [one.what for one in check(support(text, system), today=TODAY) if "data" in one.code]

    assert told(WORKFLOW) == ["`mail.send` takes `body`, which is health data"]
    assert told(without) == []


def test_trust_without_a_writer_of_ours_is_said_to_be_without_effect() -> None:
    """The owner relies on it, and it never counts."""
    words = "trust: [crm.get_contact.email, crm.get_contact]"
    ours = at_desk(contact="{fields: {email: {writer: staff}}}")

    assert said("trust: [crm.get_contact.email]", ours) == []
    assert said(words, at_desk(contact="{writer: system}")) == []
    assert len(said(words)) == 2
    assert len(said(words, at_desk(contact="{fields: {email: {writer: customer}}}"))) == 2
    assert {one.severity for one in found(words)} == {Severity.WARNING}


def test_a_tools_name_may_have_dots() -> None:
    """The longest tool that a line begins with is meant, and what follows is the field."""
    text = (
        f"{header()}trust: [a.b.c.d, a.b, a]\ntools: {{a: {{level: read}}, a.b: {{level: read}}}}"
    )

    assert load_workflow(text, "w").trust == (
        Trusted(tool="a.b", path="c.d"),
        Trusted(tool="a.b"),
        Trusted(tool="a"),
    )


def limits(words: str) -> list[Limit]:
    """Return the limits that a line of the support desk's file means."""
    text = WORKFLOW.replace("limits: {calls_per_task: 25, sent_per_hour: 20}", f"limits: {words}")
    return list(load_workflow(text, "w").limits)


def test_a_limit_means_what_it_says() -> None:
    """Sums of an argument, of costs, counts for each value, several under one name."""
    refunds, sent, total, cost = limits(
        "{refunds_per_day: 500.00 EUR, sent_per_day: [{at_most: 3, each: to}, 20], "
        "cost_per_task: 0.50 USD}"
    )
    assert refunds.what == ("sum", "day", "refund", "EUR", "")
    assert refunds.told(refunds.at_most) == "500.00 EUR"
    assert sent.what == ("external", "day", "", "", "to")
    assert (total.at_most, total.each) == (20, "")
    assert (cost.counts, cost.told(cost.at_most)) == ("cost", "0.50 USD")
    assert limits("{refund_per_day: 500.00 EUR}")[0].what == refunds.what


def test_a_limit_that_counts_nothing_is_told() -> None:
    """A cost that no system states, or states in another currency."""
    counted = WORKFLOW.replace("sent_per_hour: 20", "cost_per_task: 0.50 USD")

    def told(system: str = SYSTEM) -> list[str]:
        every = check(support(counted, system), today=TODAY)
        return [one.what for one in every if one.where.startswith("limits")]

    assert told() == ["no tool's cost is stated in USD, so `cost_per_task` counts nothing"]
    assert told(at_desk(contact="{cost: 0.01 USD}")) == []
    assert told(at_desk(contact="{cost: 0.01 EUR}")) == [
        "no tool's cost is stated in USD, so `cost_per_task` counts nothing",
        "costs in EUR are not counted by `cost_per_task`",
    ]


def test_a_value_that_is_not_parsed_is_told_where_each_is_counted() -> None:
    """Two spellings of one recipient would count apart."""
    each = "sent_per_hour: {at_most: 3, each: body}"
    every = check(support(WORKFLOW.replace("sent_per_hour: 20", each)), today=TODAY)

    assert [one.what for one in every if one.where.startswith("limits")] == [
        "`body` of `mail.send` is not parsed, so two spellings count apart"
    ]


@pytest.mark.parametrize(
    "bounded, parsed",
    [
        ("{email: any}", True),
        ("{url: any}", True),
        ("{domain: any}", True),
        ("{path_under: /srv}", True),
        ("{is: task.customer_email}", True),
        ("{one_of: [a, b]}", True),
        ("{only: [a, b]}", True),
        ("{each: {email: any}}", True),
        ("{email: any, max_length: 64}", True),
        ("{max_length: 64}", False),
        ("{starts_with: a}", False),
        ("{each: {max_length: 64}}", False),
        ("any", False),
    ],
)
def test_what_is_counted_apart_is_parsed_or_listed(bounded: str, *, parsed: bool) -> None:
    """Whatever else lets one value be written in two ways."""
    text = WORKFLOW.replace("sent_per_hour: 20", "sent_per_hour: {at_most: 3, each: to}").replace(
        "to: {is: task.customer_email}", f"to: {bounded}"
    )
    every = check(support(text), today=TODAY)

    assert [str(one) for one in every if one.where == "limits.sent_per_hour"] == (
        []
        if parsed
        else [
            (
                "customer-support: `to` of `mail.send` is not parsed, so two spellings count "
                "apart; bound it by `email`, `is`, `one_of` or another word that is parsed"
            )
        ]
    )


def test_what_lies_in_a_member_of_the_union_lies_in_the_union() -> None:
    """In all twenty-seven of them, and in nobody else: not in those that left or never joined."""
    members = [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]

    assert sorted(EU_MEMBERS) == members
    assert len(members) == 27
    for place in ("GB", "CH", "NO", "IS", "UA", "US"):
        assert said("jurisdiction: [EU]", at_desk(jurisdiction=f'"{place}"')) == [
            f"system `desk` lies in {place}, not in EU"
        ]


def test_a_reviewer_is_told_what_to_write() -> None:
    """Word by word, with the place in the file."""
    costs = WORKFLOW.replace("sent_per_hour: 20", "cost_per_task: 0.50 USD")
    asked = at_desk(contact="{cost: 0.01 EUR, fields: {notes: {data: health}}}")
    text = costs.replace(HEAD, f"{HEAD}jurisdiction: [CH, AT]\ntrust: [crm.get_contact]\n")
    places = ("jurisdiction", "tools.crm", "trust", "limits")

    def told(system: str) -> list[tuple[str, str, str]]:
        every = check(support(text, system), today=TODAY)
        found = [one for one in every if one.where.startswith(places)]
        return [(one.severity.value, one.where, f"{one.what}; {one.fix}") for one in found]

    assert told(asked) == [
        (
            "error",
            "jurisdiction",
            (
                "it is not said where system `desk` lies, and the workflow needs AT or CH; "
                "state its `jurisdiction` in its file"
            ),
        ),
        (
            "error",
            "tools.crm.get_contact",
            (
                "`crm.get_contact` returns `notes`, which is health data; "
                "add `health` to `data` of the workflow, or do without the tool"
            ),
        ),
        (
            "warning",
            "trust",
            (
                "`crm.get_contact` is trusted, and its system does not say that one of ours wrote "
                "it last; state `writer: staff` or `writer: system` in the file of `desk` if that "
                "is so"
            ),
        ),
        (
            "warning",
            "limits.cost_per_task",
            (
                "no tool's cost is stated in USD, so `cost_per_task` counts nothing; "
                "state `cost` in a system's file"
            ),
        ),
        (
            "warning",
            "limits.cost_per_task",
            "costs in EUR are not counted by `cost_per_task`; add a limit in EUR",
        ),
    ]
    assert told(at_desk(jurisdiction="DE"))[0][2] == (
        "system `desk` lies in DE, not in AT or CH; add DE to `jurisdiction`, or use another system"
    )
