"""What an identity provider says gives the roles of the map, and no others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.errors import NotAuthenticatedError
from sallyport.model import Json, JsonObject
from sallyport.rules.groups import name_of, roles_of

MAP = (("reviewers", ("reviewer",)), ("bosses", ("administrator", "operator")), ("reviewers", ()))
NAMES = ["reviewers", "bosses", "administrator", "Reviewers", ""]


@given(st.lists(st.sampled_from(NAMES)))
def test_roles_are_those_of_the_map(groups: list[str]) -> None:
    """A group that is called like a role gives none."""
    found = roles_of({"groups": [*groups]}, "groups", MAP)
    assert ("reviewer" in found) == ("reviewers" in groups)
    assert ("administrator" in found) == ("bosses" in groups)
    assert found <= {"reviewer", "administrator", "operator"}


@pytest.mark.parametrize("claim", ["reviewers", {"reviewers": True}, None, 1, [["reviewers"]], []])
def test_what_is_no_list_of_texts_gives_none(claim: Json) -> None:
    """Nor does a text that has the group's name in it."""
    assert roles_of({"groups": claim}, "groups", MAP) == frozenset()
    assert roles_of({}, "groups", MAP) == frozenset()


def test_the_case_of_an_e_mail_makes_nobody_somebody_else() -> None:
    """So that nobody answers, in capitals, what they asked for in small letters."""
    claims: JsonObject = {"email": "Ada@Firm.Example", "email_verified": True, "nick": "Ada"}
    assert name_of(claims, "email") == "ada@firm.example"
    assert name_of(claims, "nick") == "Ada"


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email": ""},
        {"email": ["a@b"], "email_verified": True},
        {"email": "a@b"},
        {"email": "a@b", "email_verified": "true"},
        {"email": "a@b", "email_verified": 1},
    ],
)
def test_an_e_mail_counts_verified_or_not_at_all(claims: JsonObject) -> None:
    """Only `true` is true."""
    with pytest.raises(NotAuthenticatedError):
        name_of(claims, "email")
