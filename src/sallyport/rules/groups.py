"""From what an identity provider says of somebody to who they are here.

Only the map of the settings gives roles: a claim that is missing, or is no list of texts, gives
none. An e-mail that the provider has not verified is nobody's name.
"""

from __future__ import annotations

from collections.abc import Sequence

from sallyport.errors import NotAuthenticatedError
from sallyport.model import JsonObject

RolesByGroup = Sequence[tuple[str, Sequence[str]]]


def roles_of(claims: JsonObject, claim: str, roles_by_group: RolesByGroup) -> frozenset[str]:
    """Return the roles that the settings give to the groups that a claim lists."""
    listed = claims.get(claim)
    groups = set[str]()
    if isinstance(listed, list):
        groups.update(one for one in listed if isinstance(one, str))
    given = (set(roles) for group, roles in roles_by_group if group in groups)
    return frozenset[str]().union(*given)


def name_of(claims: JsonObject, claim: str) -> str:
    """Return what somebody is called here; the case of an e-mail makes nobody somebody else.

    Raises:
        NotAuthenticatedError: The provider does not say, or has not verified the e-mail.
    """
    name = claims.get(claim)
    if not isinstance(name, str) or not name:
        raise NotAuthenticatedError(
            f"your provider does not say your `{claim}`",
            fix="have an administrator look at `oidc_name_claim` and `oidc_scopes`",
        )
    if claim != "email":
        return name
    if claims.get("email_verified") is not True:
        raise NotAuthenticatedError(
            "your provider has not verified your e-mail", fix="have it verified there"
        )
    return name.lower()
