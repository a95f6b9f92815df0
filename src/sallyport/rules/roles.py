"""Who may do what: the catalogue of rights and roles, in code, so that a change of it is a diff.

Rules:
  1. What is not named here nobody may. A right is never given by text, agent or token.
  2. Roles that a boundary names (`support_lead`) may answer what a boundary asks them, and look at
     it; nothing else comes with such a role.
  3. No one role both changes what is asked and answers it: see `APART`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

RIGHTS: Mapping[str, str] = {
    "inbox.read": "see what waits",
    "call.answer": "answer what waits for one of one's roles",
    "call.read": "see calls with their arguments and results",
    "call.undo": "take back anybody's yes while it can be taken back",
    "draft.release": "release or discard drafts",
    "doubt.settle": "say what became of a call in doubt",
    "boundary.read": "see what agents may do",
    "boundary.sign": "put a boundary in force",
    "boundary.second": "sign a widening second",
    "ledger.read": "search and verify the ledger",
    "floor.set": "stop, and set floors",
    "floor.lift": "lift stops and floors",
    "glass.ask": "ask to go past the reviewers for a while",
    "glass.second": "sign second for going past the reviewers",
    "glass.review": "look, as a third person, at what was done past the reviewers",
    "agent.read": "see agents and what they did",
    "agent.stage": "move an agent to another stage",
    "people.read": "see people, roles and keys",
    "people.change": "enrol, give roles, switch off",
}
"""Every right, and what it lets a person do."""

_LOOKS = frozenset({"inbox.read", "boundary.read", "agent.read"})

ROLES: Mapping[str, frozenset[str]] = {
    "owner": _LOOKS
    | {"call.read", "boundary.sign", "boundary.second", "agent.stage", "ledger.read"}
    | {"floor.set", "floor.lift", "draft.release", "doubt.settle", "people.read"}
    | {"glass.ask", "glass.second", "glass.review"},
    "reviewer": _LOOKS
    | {"call.read", "call.answer", "draft.release", "doubt.settle", "boundary.second"}
    | {"floor.set", "people.read", "glass.second", "glass.review"},
    "operator": _LOOKS
    | {"call.read", "floor.set", "floor.lift", "doubt.settle", "ledger.read", "people.read"}
    | {"call.undo", "glass.ask", "glass.second"},
    "auditor": _LOOKS | {"call.read", "ledger.read", "people.read", "glass.review"},
    "administrator": _LOOKS
    | {"people.read", "people.change", "floor.set", "floor.lift", "boundary.sign"}
    | {"boundary.second", "doubt.settle", "ledger.read", "call.read"},
}
"""Every role that Sallyport itself knows, and its rights."""

NAMED_BY_A_BOUNDARY = _LOOKS | {
    *("call.answer", "call.read", "draft.release", "floor.set", "people.read")
}
"""The rights of a role that only a boundary knows."""

APART: tuple[tuple[str, str], ...] = (
    ("boundary.sign", "call.answer"),
    ("people.change", "call.answer"),
)
"""Pairs of rights that no single role holds: who writes the rule does not answer under it."""


def rights_of(roles: Iterable[str]) -> frozenset[str]:
    """Return the rights that come with roles; none with no role."""
    return frozenset[str]().union(*(ROLES.get(role, NAMED_BY_A_BOUNDARY) for role in roles))


def may(roles: Iterable[str], right: str) -> bool:
    """Return whether one of the roles holds a right."""
    return right in rights_of(roles)


def difference(
    old: Mapping[str, Iterable[str]], new: Mapping[str, Iterable[str]]
) -> tuple[str, ...]:
    """Return what a change of the catalogue gives and takes, one line each."""
    lines: list[str] = []
    for role in sorted({*old, *new}):
        before, after = set(old.get(role, ())), set(new.get(role, ()))
        lines += [f"+ {role}: {right}" for right in sorted(after - before)]
        lines += [f"- {role}: {right}" for right in sorted(before - after)]
    return tuple(lines)
