"""Texts that are parsed before they are compared: domains, e-mail and web addresses, paths.

Each has its reader, what it means to fit a bound, and what it means that it may fit, which counts
for a `never`. A bound was read when the file was loaded; an input of the task is read here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sallyport.model import Bound, Domain, Folder, Json, Mailbox, Operator, TaskInput, WebAddress
from sallyport.rules.boundary.domains import bound_domain, domain_name, readable, within
from sallyport.rules.boundary.faults import Fault
from sallyport.rules.boundary.folders import bound_folder, folder, inside, may_be_inside
from sallyport.rules.boundary.mailboxes import addressed, bound_mailbox, mailbox, may_be_addressed
from sallyport.rules.boundary.web import below, bound_web_address, may_be_below, web_address

Inputs = Mapping[str, Json]


class Form(NamedTuple):
    """One kind of text.

    `bound` reads what an owner writes, `read` what an agent proposes; `fits` and `may_fit` take
    what was read and a bound.
    """

    noun: str
    example: str
    bound: Callable[[str], Any]
    read: Callable[[str], Any]
    fits: Callable[[Any, Any], bool]
    may_fit: Callable[[Any, Any], bool]


FORMS: Mapping[Operator, Form] = {
    Operator.DOMAIN: Form(
        "a domain name",
        "`example.com`, or `under example.com` for its sub-domains",
        bound_domain,
        domain_name,
        within,
        within,
    ),
    Operator.EMAIL: Form(
        "one e-mail address",
        "`ann@example.com`, or `@example.com` for anyone there",
        bound_mailbox,
        mailbox,
        addressed,
        may_be_addressed,
    ),
    Operator.URL: Form(
        "a web address",
        "`https://example.com/docs`, which covers what lies below it",
        bound_web_address,
        web_address,
        below,
        may_be_below,
    ),
    Operator.PATH_UNDER: Form(
        "a path", "`/srv/reports`", bound_folder, folder, inside, may_be_inside
    ),
}


def unfit(
    name: str, operator: Operator, bounds: tuple[Bound, ...], value: Json, own: Inputs
) -> str:
    """Return why a value is not such a text, or none that a bound means; empty when it is."""
    form = FORMS[operator]
    if type(value) is not str:
        return f"{name} must be {form.noun}, written as text"
    read = form.read(value)
    if type(read) is Fault:
        return f"{name} must be {form.noun}, and {read.why}"
    if not bounds:
        return ""
    for bound in bounds:
        known = own_bound(form, bound, own) if type(bound) is TaskInput else bound
        if known is not None and form.fits(read, known):
            return ""
    return f"{name} must be {' or '.join(map(in_words, bounds))}"


def may_fit(operator: Operator, bounds: tuple[Bound, ...], value: Json, own: Inputs) -> bool:
    """Return whether a value fits a bound, or cannot be told not to."""
    if type(value) is not str or not bounds:
        return True
    form = FORMS[operator]
    read = form.read(value)
    if type(read) is Fault:
        return True
    for bound in bounds:
        known = own_bound(form, bound, own) if type(bound) is TaskInput else bound
        if known is None or form.may_fit(read, known):
            return True
    return False


def own_bound(form: Form, bound: TaskInput, own: Inputs) -> Any:
    """Return an input of the task as a bound; None where it is none.

    It names one thing, so it never stands for many: no `under`, no `@` without a box.
    """
    value = own.get(bound.name)
    return _as_one_thing(form, value) if type(value) is str else None


@lru_cache(maxsize=1024)
def _as_one_thing(form: Form, value: str) -> Any:
    if type(form.read(value)) is Fault:
        return None
    known = form.bound(value)
    return None if type(known) is Fault else known


def in_words(bound: Bound) -> str:
    """Return a bound as what the argument must be."""
    match bound:
        case TaskInput(name):
            return f"the task's own {name}"
        case Domain(name, under):
            return f"{'a' if under else 'the'} domain {bound}{_read_as(name)}"
        case Mailbox(local, domain):
            whose = f"an address {'' if domain.under else 'at '}{domain}"
            return f"{f'the address {bound}' if local else whose}{_read_as(domain.name)}"
        case WebAddress(_, host):
            return f"{bound}{_read_as(host)} or below it"
        case Folder():
            return f"in {bound}"
        case _:
            return str(bound)


def _read_as(name: str) -> str:
    """Return how people read a name that ASCII cannot spell, beside its spelling."""
    return f" ({readable(name)})" if "xn--" in name else ""
