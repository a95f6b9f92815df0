"""One call as Cedar is asked about it: every value in the parts that the schema names.

This is what a gateway does in front of a second engine. Texts, dates and amounts are read by our
own readers, since Cedar has none; what is compared afterwards is compared by Cedar alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Any

import cedarpy

from sallyport.model import Boundary, Domain, Folder, Json, JsonObject, Mailbox, Verdict, WebAddress
from sallyport.rules.boundary import units
from sallyport.rules.boundary.amounts import as_amount
from sallyport.rules.boundary.cedar import UNATTENDED, CedarPolicies, export
from sallyport.rules.boundary.cedar_words import DECIMALS, LONG_MAX, key_of
from sallyport.rules.boundary.constraints import is_number, sort_of
from sallyport.rules.boundary.domains import domain_name
from sallyport.rules.boundary.folders import folder
from sallyport.rules.boundary.mailboxes import mailbox
from sallyport.rules.boundary.moments import as_day, as_moment
from sallyport.rules.boundary.web import web_address

_cedar: Any = cedarpy  # its own types are partly unknown
EXACT = Context(prec=10_000, Emax=10**9, Emin=-(10**9))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call with all that Cedar is told about it."""

    tool: str
    args: JsonObject
    inputs: Mapping[str, Json] = field(default_factory=dict[str, Json])
    facts: Mapping[str, Json] = field(default_factory=dict[str, Json])
    roles: frozenset[str] = frozenset()
    agent: str = ""
    today: date = date.min


@dataclass(slots=True)
class Cedar:
    """The second engine, with one boundary in it. What goes wrong in it counts as a refusal."""

    boundary: Boundary
    exported: CedarPolicies = field(init=False)
    policies: cedarpy.PolicySet = field(init=False)
    schema: cedarpy.Schema = field(init=False)
    nothing: cedarpy.Entities = field(init=False)

    def __post_init__(self) -> None:
        self.exported = export(self.boundary)
        self.policies = cedarpy.PolicySet.from_str(self.exported.policies)
        self.schema = cedarpy.Schema.from_str(self.exported.schema)
        self.nothing = _cedar.Entities.from_json_str("[]")

    def troubles(self) -> list[str]:
        """Return what Cedar's validator finds wrong: a condition that could fail is among it."""
        found = _cedar.validate_policies(self.exported.policies, self.exported.schema)
        return [error.error for error in found.errors]

    def verdict(self, asked: Asked) -> Verdict:
        """Return the verdict of two questions: without a person, and at all."""
        context = self._context(asked)
        if self._allows(asked, asked.tool + UNATTENDED, context):
            return Verdict.ALLOW
        return Verdict.ASK if self._allows(asked, asked.tool, context) else Verdict.REFUSE

    def _allows(self, asked: Asked, action: str, context: dict[str, Any]) -> bool:
        request = {
            "principal": {"type": "Agent", "id": asked.agent},
            "action": {"type": "Action", "id": action},
            "resource": {"type": "Workflow", "id": self.boundary.workflow.name},
            "context": context,
        }
        answer = _cedar.is_authorized(request, self.policies, self.nothing, self.schema)
        return not answer.diagnostics.errors and answer.decision is cedarpy.Decision.Allow

    def _context(self, asked: Asked) -> dict[str, Any]:
        rule = self.boundary.workflow.tools[asked.tool]
        args = units.stated(rule.units, asked.args)
        entries = (*rule.allow, *rule.ask, *rule.never)
        named = {*rule.only, *(name for entry in entries for name in entry.args)}
        wanted = {*rule.when, *(name for entry in entries for name in entry.when)}
        own = self.boundary.workflow.task_inputs
        return {
            "names": sorted(asked.args),
            "roles": sorted(asked.roles),
            "today": asked.today.toordinal(),
            "args": {name: parts(value) for name, value in args.items() if name in named},
            "facts": {name: parts(value) for name, value in asked.facts.items() if name in wanted},
            "task": {name: parts(value) for name, value in asked.inputs.items() if name in own},
        }


def parts(value: Json) -> dict[str, Any]:
    """Return a value as it is handed over."""
    found: dict[str, Any] = {"sort": sort_of(value)}
    if key_of(value):
        found["key"] = key_of(value)
    amount = as_amount(value)
    if amount is not None:
        found["amount"] = {**_number(amount.number), "currency": amount.currency}
    if isinstance(value, bool):
        found["truth"] = value
    elif is_number(value):
        found["number"] = _number(value)
    elif isinstance(value, list):
        found |= {"count": len(value), "items": sorted({key_of(item) for item in value})}
    elif isinstance(value, str):
        found |= {"text": value, "length": len(value), **_read(value)}
    return found


def _number(number: int | Decimal) -> dict[str, Any]:
    scaled = EXACT.scaleb(EXACT.create_decimal(number), DECIMALS)
    if abs(scaled) >= LONG_MAX:
        return {"whole": LONG_MAX if scaled > 0 else -LONG_MAX, "part": True}
    whole = int(scaled.to_integral_value(rounding=ROUND_FLOOR))
    return {"whole": whole, "part": whole != scaled}


def _read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    day, moment = as_day(text), as_moment(text)
    if day is not None:
        found["day"] = day.toordinal()
    if moment is not None:
        found["moment"] = moment.at_us
    name = domain_name(text)
    if isinstance(name, str):
        found["domain"] = {"name": name}
    for read in (mailbox(text), web_address(text), folder(text)):
        match read:
            case Mailbox(local, Domain(name)):
                plain = local.partition("+")[0].lower()
                found["email"] = {"local": local, "delivered": plain, "domain": name}
            case WebAddress(scheme, host, port, path):
                place = {"scheme": scheme, "host": host, "port": port}
                found["url"] = {**place, "path": _joined(path)}
            case Folder(absolute, within):
                found["path"] = {"absolute": absolute, "parts": _joined(within)}
            case _:
                pass
    return found


def _joined(segments: tuple[str, ...]) -> str:
    return "".join(f"{segment}/" for segment in ("", *segments))
