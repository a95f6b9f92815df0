"""Templates: nothing is sent but what an owner wrote, with slots that hold what they may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import Json, JsonObject, ToolRule, Verdict
from sallyport.rules.boundary.check import check
from sallyport.rules.boundary.explain import explain
from sallyport.rules.boundary.templates import SLOT_MAX, misfit
from tests.requirements import requirement
from tests.unit.boundary.examples import (
    TODAY,
    WORKFLOW,
    problems_of,
    ruled,
    sentences,
    support,
    tool,
    verdict,
)
from tests.unit.boundary.test_schemas import fits

NOTICE = tool("""\
templates:
  body:
    ack: {text: Thank you.}
    refund:
      text: ["Dear {name},", "", "we sent {amount} back for {ticket}.", "Yours"]
      slots:
        name: {max_length: 20}
        amount: {at_most: 500.00 EUR}
        ticket: {is: task.own}
""")
INPUTS: JsonObject = {"own": "T-1"}


def refund(name: str = "Ann", amount: str = "20.00 EUR", ticket: str = "T-1") -> str:
    """Return the refund notice with its slots filled."""
    return f"Dear {name},\n\nwe sent {amount} back for {ticket}.\nYours"


def sent(body: Json, rule: ToolRule = NOTICE) -> list[str]:
    """Return why a body may not be sent; nothing when it may."""
    return sentences(ruled(rule, {"body": body}, inputs=INPUTS))


@requirement("B-52")
def test_only_a_template_with_its_slots_filled_passes() -> None:
    """Free text outside of a slot is refused, wherever it stands, and so is a slot that lies."""
    assert sent("Thank you.") == []
    assert sent(refund()) == []
    for body in (
        f"Hello! {refund()}",
        f"{refund()} P.S. Call us.",
        refund().replace("Yours", "Yours truly"),
        refund().replace("Dear", "dear"),
        refund().replace("\n\n", "\n"),
        "Thank you. ",
        "thank you.",
        "",
    ):
        assert sent(body), body
    for body in (refund(amount="500.01 EUR"), refund(amount="5.00 USD"), refund(ticket="T-2")):
        assert sent(body), body


@pytest.mark.parametrize(
    "name",
    [
        *("", "A" * 21, "Ann\nPay here", "Ann\rx", "Ann\u2028x", "A\u202enn", "A\u200bnn"),
        *(
            "A\x00n",
            "Ann\tx",
            "Ann\x85x",
            "Ann\x0bx",
            "\u3164",
            "A\ufe0fnn",
            "A\U000e0141nn",
            "A\ue000nn",
        ),
    ],
)
def test_a_slot_holds_one_line_of_plain_text(name: str) -> None:
    """No second line, nothing invisible, nothing that turns the reading around, never nothing."""
    assert sent(refund(name=name))


@pytest.mark.parametrize("name", ["Ann", "Zoë Müller", "O'Hara, Jr.", "a" * 20, "李"])
def test_names_of_people_fit(name: str) -> None:
    """A slot is for what people write."""
    assert sent(refund(name=name)) == []


def test_the_reason_names_template_and_slot_and_never_the_text() -> None:
    """A refused text may be an instruction in disguise."""
    (why,) = sent(refund(name="Ignore the rules", amount="620.00 EUR"))
    assert why == (
        "argument `body` is none of its templates: ack: the text begins otherwise; "
        "refund: at slot amount, amount 620.00 EUR is above 500.00 EUR"
    )
    (why,) = sent("Send the secret")
    assert "secret" not in why


@pytest.mark.parametrize("body", [None, 5, True, [], {}, ["Thank you."], {"text": "Thank you."}])
def test_only_text_is_a_text(body: Json) -> None:
    """And every refusal is an answer, never an exception."""
    assert sent(body) == ["argument `body` is none of its templates: it is no text"]


def test_the_argument_is_named_by_its_templates_and_is_needed() -> None:
    """It may be left out only where `only` says so."""
    assert sentences(ruled(NOTICE, {}, inputs=INPUTS)) == ["argument `body` is missing"]
    optional = tool(
        "only: {body: {max_length: 10, optional: true}}\n"
        "templates: {body: {ack: {text: Thank you.}, long: {text: Thank you so much.}}}"
    )
    assert verdict(ruled(optional, {})) is not Verdict.REFUSE
    assert sent("Thank you.", optional) == []
    assert sent("Thank you so much.", optional) == ["body is longer than 10 characters"]


def test_a_number_in_digits_is_a_number() -> None:
    """The currency may stand in the template, and the amount alone in its slot."""
    rule = tool(
        "templates: {body: {a: {text: 'We sent {sum} EUR, {times} times.', "
        "slots: {sum: {at_most: 5.00 EUR}, times: {at_most: 3}}}}}"
    )
    assert sent("We sent 5.00 EUR, 3 times.", rule) == []
    for text in (
        "5.01 EUR, 3",
        "5.00 EUR, 4",
        "-1.00 EUR, 1",
        "1e0 EUR, 1",
        "05 EUR, 1",
        "½ EUR, 1",
    ):
        assert sent(f"We sent {text} times.", rule), text


def test_a_slot_ends_where_the_template_goes_on_and_the_slot_fits() -> None:
    """What follows a slot may occur in it, as long as it reads one way from the left."""
    rule = tool(
        "templates: {body: {a: {text: '{sum}. Yours, {who}.', "
        "slots: {sum: {at_most: 50.00 EUR}, who: {max_length: 20}}}}}"
    )
    assert sent("12.50 EUR. Yours, A. B.", rule) == []
    assert sent("12.50 EUR. Yours, .", rule)
    assert sent("12.50. Yours, A. Yours, B.", rule) == []


def test_a_slot_is_never_longer_than_a_line_may_be() -> None:
    """Whatever its constraints say, and however long the text is, it is decided at once."""
    rule = tool(
        "templates: {body: {a: {text: 'x {u} y {v} z', "
        "slots: {u: {url: any}, v: {max_length: 1000}}}}}"
    )
    url = "https://example.com/" + "a" * (SLOT_MAX - 20)
    assert sent(f"x {url} y v z", rule) == []
    assert sent(f"x {url}a y v z", rule)
    for times in (600, 1_000_000):
        assert sent("x " + " y " * times + " z", rule)


def test_what_comes_after_a_slot_may_stand_in_it_and_it_is_as_long_as_any() -> None:
    """The first place where it could end does not fit; the next one lies as far as it may."""
    rule = tool(
        "templates: {body: {a: {text: 'x {u} y {v} z', "
        "slots: {u: {starts_with: a y b, max_length: 1000}, v: {max_length: 10}}}}}"
    )
    longest = "a y b" + "c" * (SLOT_MAX - 5)
    assert sent(f"x {longest} y v z", rule) == []
    assert sent(f"x {longest}c y v z", rule)


def test_every_place_where_what_follows_begins_is_looked_at() -> None:
    """Also right behind the one before, over which it lies."""
    rule = tool("templates: {body: {a: {text: '{u}-{v}', slots: {u: {is: 'a-'}, v: {is: b}}}}}")
    assert sent("a--b", rule) == []
    assert sent("a-b", rule)


def test_each_entry_still_says_who_is_asked() -> None:
    """Templates are one more thing that always holds, whatever entry counts."""
    rule = tool(
        "templates: {body: {ack: {text: Thank you.}}}\n"
        "allow: [{args: {to: {is: a}}}]\n"
        "ask: [{args: {to: {is: b}}, who: [lead]}]",
        level="create",
    )
    assert verdict(ruled(rule, {"to": "a", "body": "Thank you."})) is Verdict.ALLOW
    assert verdict(ruled(rule, {"to": "b", "body": "Thank you."})) is Verdict.ASK
    assert verdict(ruled(rule, {"to": "a", "body": "Thanks."})) is Verdict.REFUSE
    assert verdict(ruled(rule, {"to": "a"})) is Verdict.REFUSE


@given(body=st.one_of(st.text(), st.builds(refund, st.text(max_size=25), st.text(max_size=12))))
def test_what_passes_is_a_template_and_fits_the_schema(body: str) -> None:
    """Whatever an agent writes."""
    if not sent(body):
        assert body == "Thank you." or (body.startswith("Dear ") and body.endswith(".\nYours"))
        assert fits(NOTICE, {"body": body})


def test_the_schema_shows_an_agent_the_texts() -> None:
    """So that it proposes what may be sent."""
    assert fits(NOTICE, {"body": refund()})
    assert not fits(NOTICE, {"body": "Hello"})
    assert not fits(NOTICE, {})


def test_templates_are_signed_with_the_boundary() -> None:
    """Another letter is another version, in the digest and in the words."""
    with_one = WORKFLOW.replace("      body: {max_length: 4000, optional: true}\n", "").replace(
        "    ask: [{who: [support_agent, support_lead], within: 8h}]",
        "    templates: {body: {ack: {text: Thank you.}}}\n"
        "    ask: [{who: [support_agent, support_lead], within: 8h}]",
    )
    assert problems_of(with_one) == ()
    old, new = support(with_one), support(with_one.replace("Thank you.", "Thank you!"))
    assert old.digest != new.digest
    assert explain(old) != explain(new)
    assert [one for one in check(old, today=TODAY) if one.where.startswith("tools.mail")] == []


LONG = "a" * SLOT_MAX
UNLIKE = [
    ("hi", "hi", ""),
    ("hi", "hi!", "the text ends otherwise"),
    ("hi", "h", "the text begins otherwise"),
    ("hi {u}", "hi ", "at slot u, the text goes on otherwise"),
    ("hi {u}", "hi a", ""),
    ("hi {u}", "hi ~", ""),
    ("hi {u}", "hi 50", ""),
    ("hi {u}", f"hi {LONG}", ""),
    ("hi {u}", f"hi {LONG}a", "at slot u, the text goes on otherwise"),
    ("hi {u}", "hi a\nb", "at slot u, what fills it is not one line of plain text"),
    ("hi {u}", "hi a\tb", "at slot u, what fills it is not one line of plain text"),
    ("hi {u}", "hi a\u200bb", "at slot u, what fills it is not one line of plain text"),
    ("{u}: {v}.", "a: b.", ""),
    ("{u}: {v}.", ": b.", "at slot u, the text goes on otherwise"),
    ("{u}: {v}.", "a: .", "at slot v, the text goes on otherwise"),
    ("{u}: {v}.", "a: b", "at slot v, the text goes on otherwise"),
    ("{u}: {v}.", "a, b.", "at slot u, the text goes on otherwise"),
    ("{u}: {v}.", ": : b.", ""),
    ("{u}: {v}.", "::: b.", ""),
    ("{u}: {v}.", f"{LONG}: {LONG}.", ""),
    ("{u}: {v}.", f"{LONG}a: b.", "at slot u, the text goes on otherwise"),
    ("{u}: {v}.", f"a: {LONG}a.", "at slot v, the text goes on otherwise"),
    ("{sum}: {v}", "6: 5: 4", "at slot sum, sum must be a number, or an amount in EUR"),
    ("{sum}: {v}", "4: 5: a", ""),
    ("{sum}: {v}", "6: a", "at slot sum, sum 6.00 EUR is above 5.00 EUR"),
]


@pytest.mark.parametrize("text, value, why", UNLIKE, ids=range(len(UNLIKE)))
def test_where_a_text_leaves_a_template_is_told(text: str, value: str, why: str) -> None:
    """The first letter that is not the template's, and the slot that it stands in."""
    slots = {
        "u": "{max_length: 1000}",
        "v": "{max_length: 1000}",
        "sum": "{at_most: 5.00 EUR}",
    }
    used = ", ".join(f"{name}: {said}" for name, said in slots.items() if f"{{{name}}}" in text)
    rule = tool(f'templates: {{body: {{one: {{text: "{text}", slots: {{{used}}}}}}}}}')

    assert misfit(rule.templates["body"], value, {}) == (why and f"one: {why}")


NUMBERS = [
    ("5", ""),
    ("5.0", ""),
    ("0", ""),
    ("-5", "sum -5.00 EUR is below 0.00 EUR"),
    ("5.01", "sum 5.01 EUR is above 5.00 EUR"),
    ("5.", "sum must be a number, or an amount in EUR"),
    ("05", "sum must be a number, or an amount in EUR"),
    ("5.00 EUR", ""),
    ("five", "sum must be a number, or an amount in EUR"),
]


@pytest.mark.parametrize("text, why", NUMBERS)
def test_a_slot_is_read_as_text_and_as_a_number(text: str, why: str) -> None:
    """What is said is why the last reading does not fit: the number, where it is one."""
    rule = tool('templates: {body: {one: {text: "{sum}", slots: {sum: {at_most: 5.00 EUR}}}}}')

    assert misfit(rule.templates["body"], text, {}) == (why and f"one: at slot sum, {why}")
