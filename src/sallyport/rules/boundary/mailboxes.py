"""E-mail addresses, read before they are compared.

Rules:
  1. One plain address (RFC 5321, section 4.1.2, without quoted parts): no name beside it, no list,
     no comment, nothing that some mail system routes by (`%`, `!`) or takes for an option.
  2. The domain is a domain name and compares as one. The part before the `@` compares letter by
     letter, since only its own system knows which spellings are one box.
  3. For a `never`, spellings that many systems deliver alike are one: capitals, and what follows
     a `+`.
"""

from __future__ import annotations

import re

from sallyport.model import Domain, Mailbox
from sallyport.rules.boundary.domains import bound_domain, domain_name, within
from sallyport.rules.boundary.faults import Fault

ADDRESS_MAX = 254

_LOCAL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_+&'~=-]*(?:\.[A-Za-z0-9_+&'~=-]+)*", re.ASCII)
_LOCAL_MAX = 64
_NOT_ONE = frozenset(' ,;<>()"')


def mailbox(text: str) -> Mailbox | Fault:
    """Return the address that a text is."""
    if len(text) > ADDRESS_MAX:
        return Fault("it is too long")
    if not _NOT_ONE.isdisjoint(text):
        return Fault("it is more than one plain address")
    local, at, domain = text.partition("@")
    if not at or "@" in domain:
        return Fault("it has not one `@`")
    if len(local) > _LOCAL_MAX or not _LOCAL.fullmatch(local):
        return Fault("what stands before the `@` can be read in several ways")
    name = domain_name(domain)
    return name if isinstance(name, Fault) else Mailbox(local, Domain(name))


def bound_mailbox(text: str) -> Mailbox | Fault:
    """Return what an owner writes: `ann@example.com`, `@example.com`, `under example.com`."""
    if "@" in text and not text.startswith("@"):
        return mailbox(text)
    if "@" not in text and not text.startswith("under "):
        return Fault("it has no `@`")
    domain = bound_domain(text.removeprefix("@"))
    return domain if isinstance(domain, Fault) else Mailbox("", domain)


def addressed(box: Mailbox, bound: Mailbox) -> bool:
    """Return whether an address is one of those that a bound means."""
    return within(box.domain.name, bound.domain) and bound.local in {"", box.local}


def may_be_addressed(box: Mailbox, bound: Mailbox) -> bool:
    """Return whether mail to an address may end where a bound means."""
    if not within(box.domain.name, bound.domain):
        return False
    return not bound.local or delivered(box.local) == delivered(bound.local)


def delivered(local: str) -> str:
    """Return what many mail systems take a part before the `@` for."""
    return local.partition("+")[0].lower()
