"""What is odd about a call, in the sentences that people read, worst first."""

from __future__ import annotations

import pytest

from sallyport.model import Json, JsonObject
from sallyport.rules.telling.odd import Like, Odd, odd
from sallyport.rules.telling.origins import Kind, Origin

ARGS: JsonObject = {"to": "ann@example.com", "iban": "DE02", "count": 3}


@pytest.mark.parametrize(
    "args, arguments, said",
    [
        ({"a": "x\u200by", "b": "x"}, ("a",), "a holds"),
        ({"a": "\u202e", "b": "\u200b"}, ("a", "b"), "a and b hold"),
        ({"a": "\u202e", "b": "\u200b", "c": "\ufeff"}, ("a", "b", "c"), "a, b and c hold"),
        ({"a": ["x", {"k": ["\u200b"]}], "b": ["x"]}, ("a",), "a holds"),
        ({"a": {"k\u200b": "x", "l": "y"}, "b": {"k": "x"}}, ("a",), "a holds"),
        ({"a": {"k": "x", "l": "\u200b"}}, ("a",), "a holds"),
        ({"a\u200b": "\u200b"}, ("a\u200b",), "a<U+200B> holds"),
    ],
)
def test_whoever_hides_characters_is_named(
    args: JsonObject, arguments: tuple[str, ...], said: str
) -> None:
    """At any depth, in names as in values; all arguments in one sentence."""
    expected = Odd(
        code="hidden", sentence=f"{said} characters that nobody can see.", arguments=arguments
    )

    assert odd(args, ()) == (expected,)


@pytest.mark.parametrize("value", ["x", 3, None, True, [], {}, ["x", 3], {"k": ["x", None]}])
def test_what_anybody_can_see_hides_nothing(value: Json) -> None:
    """Of every sort."""
    assert odd({"a": value}, ()) == ()


def test_everything_odd_is_told_with_the_worst_first() -> None:
    """And for programs with the same words."""
    origins = (
        Origin(argument="iban", kind=Kind.AGENT),
        Origin(argument="to", kind=Kind.OUTSIDE, detail="mail.re\u200bad", call="c1"),
    )
    found = odd(
        {**ARGS, "note": "\u200b"},
        origins,
        critical=iter(["iban", "to"]),
        like=Like(approved=1),
        came_back=True,
    )

    assert [one.as_json() for one in found] == [
        {
            "code": "hidden",
            "sentence": "note holds characters that nobody can see.",
            "arguments": ["note"],
        },
        {
            "code": "outside",
            "sentence": "to comes from what mail.re<U+200B>ad answered, "
            "where anybody may have written it.",
            "arguments": ["to"],
        },
        {
            "code": "unsupported",
            "sentence": "iban was found in no source: the agent wrote it.",
            "arguments": ["iban"],
        },
        {
            "code": "first",
            "sentence": "iban has this value for the first time in this workflow.",
            "arguments": ["iban"],
        },
        {
            "code": "first",
            "sentence": "to has this value for the first time in this workflow.",
            "arguments": ["to"],
        },
        {
            "code": "again",
            "sentence": "It was asked before, and changed meanwhile.",
            "arguments": [],
        },
    ]


@pytest.mark.parametrize("kind", Kind)
def test_only_outsiders_and_the_agent_are_odd_and_only_where_it_matters(kind: Kind) -> None:
    """What the task, the boundary, a person or a trusted system says is expected."""
    origin = Origin(argument="to", kind=kind)
    codes = {Kind.OUTSIDE: ["outside"], Kind.AGENT: ["unsupported"]}

    assert [one.code for one in odd(ARGS, [origin], critical=["to"])] == codes.get(kind, [])
    assert odd(ARGS, [origin], critical=["iban"]) == ()


SEEN = frozenset({("to", "ann@example.com"), ("iban", "FR76")})


@pytest.mark.parametrize(
    "like, first",
    [
        (None, []),
        (Like(), []),
        (Like(approved=1), ["to", "iban"]),
        (Like(rejected=1), ["to", "iban"]),
        (Like(seen=SEEN), ["iban"]),
    ],
)
def test_a_value_is_new_only_where_something_like_it_came_before(
    like: Like | None, first: list[str]
) -> None:
    """The first call of all has nothing to differ from; what is no text is not followed."""
    found = odd(ARGS, (), critical=["gone", "count", "to", "iban"], like=like)

    assert [(one.code, *one.arguments) for one in found] == [("first", name) for name in first]
