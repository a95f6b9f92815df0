"""A boundary as Cedar policies with their schema: for a second engine, and for other products.

Each tool has two actions: `TOOL` (it may be called at all) and `TOOL#unattended` (no person has to
agree). A policy is written for what the boundary's words say of one call. What depends on more than
the call stays with the gateway: limits, stops, stages, influence, the schema of the tool, and the
approval itself.

Rules:
  1. No tool gets a policy that lets more happen than the boundary does. A tool with a word that
     Cedar cannot say, or that this file does not know, gets none, and is named with the reason.
  2. No condition can fail to be evaluated: Cedar skips a `forbid` that fails. Every access is
     guarded, and the schema lets Cedar's own validator check that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from sallyport.model import (
    ASKS_BY_DEFAULT,
    ArgumentRule,
    Boundary,
    Constraint,
    Entry,
    ToolRule,
)
from sallyport.rules.boundary.cedar_words import (
    DECIMALS,
    UnsayableError,
    all_of,
    is_listed,
    may_be_listed,
    may_meet,
    meets,
    quoted,
)
from sallyport.rules.boundary.ruling import facts_needed

UNATTENDED: Final = "#unattended"
"""What the second action of a tool has behind its name."""

VALUES: Final = f"""\
// A value is handed over in parts, as the gateway has read it; a part that it has not is left out.
// Numbers count millionths (10^-{DECIMALS}): `whole` of them at or below, and `part` if there is more.
type Number = {{ "whole": Long, "part": Bool }};
type Amount = {{ "whole": Long, "part": Bool, "currency": String }};
type Domain = {{ "name": String }};
type Mailbox = {{ "local": String, "delivered": String, "domain": String }};
type WebAddress = {{ "scheme": String, "host": String, "port": Long, "path": String }};
type Folder = {{ "absolute": Bool, "parts": String }};
type Value = {{
  "sort": String,
  "key"?: String, "text"?: String, "length"?: Long, "truth"?: Bool, "number"?: Number,
  "amount"?: Amount, "day"?: Long, "moment"?: Long, "count"?: Long, "items"?: Set<String>,
  "domain"?: Domain, "email"?: Mailbox, "url"?: WebAddress, "path"?: Folder
}};
entity Agent;
entity Workflow;
"""  # noqa: E501

_KNOWN: Final[Mapping[type, frozenset[str]]] = {
    ToolRule: frozenset(
        {
            "tool", "system", "level", "touches", "only", "when", "allow", "ask", "never", "undo",
            "may_ask", "units", "irreversible", "implied_by",
        }
    ),
    Entry: frozenset(
        {
            "where", "args", "when", "because", "until", "who", "how_many", "within_s",
            "needs_human",
        }
    ),
    ArgumentRule: frozenset({"name", "constraints", "optional"}),
    Constraint: frozenset({"operator", "bounds", "inner"}),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CedarPolicies:
    """A boundary in Cedar: the text of its policies and of their schema.

    `left_out` has each tool that got no policy, and why. Nothing permits such a tool.
    """

    policies: str
    schema: str
    left_out: Mapping[str, str]


def export(boundary: Boundary) -> CedarPolicies:
    """Return the policies of a boundary, one tool after the other.

    Source:
        Cedar's semantics: default deny, and a `forbid` beats every `permit`; a policy whose
        condition fails to be evaluated does not count (docs.cedarpolicy.com, authorization).
    """
    policies: list[str] = []
    actions: list[str] = []
    left_out: dict[str, str] = {}
    for name, rule in boundary.workflow.tools.items():
        actions.append(_action_type(boundary, rule))
        if name in boundary.workflow.never:
            continue
        try:
            policies += _Writer(boundary, rule).policies()
        except UnsayableError as problem:
            left_out[name] = str(problem)
    return CedarPolicies(
        policies="\n\n".join(policies) + "\n",
        schema=VALUES + "".join(actions),
        left_out=left_out,
    )


@dataclass(frozen=True, slots=True)
class _Writer:
    boundary: Boundary
    rule: ToolRule

    def policies(self) -> list[str]:
        """Return the policies of the tool.

        Raises:
            UnsayableError: Cedar has no words for part of it.
        """
        rule = self.rule
        for one in (rule, *rule.allow, *rule.ask, *rule.never):
            _check_known(one)
        return [
            *self._permits(),
            *(self._forbid(entry, _matches(rule, entry), both=False) for entry in rule.ask),
            *(self._forbid(e, _matches(rule, e), both=False) for e in rule.allow if self._asks(e)),
            *(self._forbid(entry, _forbids(entry), both=True) for entry in rule.never),
        ]

    def _permits(self) -> Iterator[str]:
        rule, strict = self.rule, self._is_strict()
        if not rule.allow and not rule.ask:
            named = _names([*rule.only])
            yield self._permit(rule.tool, [named], both=not strict)
        for entry in rule.allow:
            until = [] if entry.until is None else [_until(entry.until)]
            conditions = [_matches(rule, entry), *until]
            yield self._permit(entry.where, conditions, both=not self._asks(entry))
        for entry in rule.ask:
            yield self._permit(entry.where, [_matches(rule, entry)], both=False)

    def _is_strict(self) -> bool:
        rule = self.rule
        return rule.level in ASKS_BY_DEFAULT or bool(rule.touches) or rule.irreversible

    def _asks(self, entry: Entry) -> bool:
        """Return whether a person is asked although it is an `allow` entry that covers the call."""
        loosens = bool(entry.because) and entry.until is not None
        return self.rule.irreversible or (self._is_strict() and not loosens)

    def _permit(self, where: str, conditions: list[str], *, both: bool) -> str:
        workflow = self.boundary.workflow
        roles = ", ".join(quoted(role) for role in workflow.users)
        if not roles:
            raise UnsayableError("a workflow for nobody")
        said = [
            f"[{roles}].containsAny(context.roles)",
            _until(workflow.expires),
            *_base(self.rule),
            *conditions,
        ]
        return self._policy("permit", where, said, both=both)

    def _forbid(self, entry: Entry, condition: str, *, both: bool) -> str:
        until = [] if entry.until is None else [_until(entry.until)]
        where = f"{entry.where}{'' if both else ' is not unattended'}"
        return self._policy("forbid", where, [condition, *until], both=both, unattended=True)

    def _policy(
        self,
        effect: str,
        where: str,
        conditions: Iterable[str],
        *,
        both: bool,
        unattended: bool = False,
    ) -> str:
        tool = self.rule.tool
        one = _action(tool, unattended=unattended)
        action = f"in [{_action(tool)}, {_action(tool, unattended=True)}]" if both else f"== {one}"
        workflow = self.boundary.workflow
        principal = f" == Agent::{quoted(workflow.agent)}" if effect == "permit" else ""
        resource = f" == Workflow::{quoted(workflow.name)}" if effect == "permit" else ""
        lines = "\n  && ".join(dict.fromkeys(conditions))
        scope = f"{effect} (principal{principal}, action {action}, resource{resource})"
        return f"@id({quoted(where)})\n{scope}\nwhen {{\n  {lines}\n}};"


def _base(rule: ToolRule) -> Iterator[str]:
    """Yield what must hold whatever entry counts, but for who may call at all."""
    yield from (f"context.facts has {quoted(name)}" for name in facts_needed(rule))
    yield from (is_listed(name, values) for name, values in rule.when.items())
    yield from (_is_unit(name, currency) for name, currency in rule.units.items())
    yield from (meets(name, wanted) for name, wanted in rule.only.items())


def _matches(rule: ToolRule, entry: Entry) -> str:
    return all_of(
        (
            _names([*rule.only, *entry.args]),
            *(meets(name, wanted) for name, wanted in entry.args.items()),
            *(is_listed(name, values) for name, values in entry.when.items()),
        )
    )


def _forbids(entry: Entry) -> str:
    return all_of(
        (
            *(may_be_listed(name, values) for name, values in entry.when.items()),
            *(may_meet(name, wanted) for name, wanted in entry.args.items()),
        )
    )


def _is_unit(name: str, currency: str) -> str:
    """Return that an argument which counts a currency's smallest unit was read as an amount."""
    value = f"context.args[{quoted(name)}]"
    amount = f"({value} has amount && {value}.amount.currency == {quoted(currency)})"
    return f"(if context.args has {quoted(name)} then {amount} else true)"


def _names(names: list[str]) -> str:
    known = ", ".join(quoted(name) for name in dict.fromkeys(names))
    return f"[{known}].containsAll(context.names)" if known else "context.names.isEmpty()"


def _until(day: date) -> str:
    return f"context.today <= {day.toordinal()}"


def _action(tool: str, *, unattended: bool = False) -> str:
    return f"Action::{quoted(tool + UNATTENDED if unattended else tool)}"


def _action_type(boundary: Boundary, rule: ToolRule) -> str:
    entries = (*rule.allow, *rule.ask, *rule.never)
    args = dict.fromkeys((*rule.only, *(name for entry in entries for name in entry.args)))
    context = ", ".join(
        (
            '"names": Set<String>, "roles": Set<String>, "today": Long',
            f'"args": {_record(args)}',
            f'"facts": {_record(facts_needed(rule))}',
            f'"task": {_record(boundary.workflow.task_inputs)}',
        )
    )
    names = f"{quoted(rule.tool)}, {quoted(rule.tool + UNATTENDED)}"
    return (
        f"action {names} appliesTo {{\n"
        f"  principal: [Agent], resource: [Workflow],\n  context: {{ {context} }}\n}};\n"
    )


def _record(names: Iterable[str]) -> str:
    return f"{{ {', '.join(f'{quoted(name)}?: Value' for name in names)} }}"


def _check_known(noun: Any) -> None:
    """Raise where a noun uses a word that is not said here: nothing is passed over."""
    for one in fields(noun):
        if one.name not in _KNOWN[type(noun)] and getattr(noun, one.name):
            raise UnsayableError(f"`{one.name}`")
    for part in _parts(noun):
        _check_known(part)


def _parts(noun: Any) -> Iterable[Any]:
    match noun:
        case ToolRule(only=rules) | Entry(args=rules):
            return rules.values()
        case ArgumentRule(constraints=constraints) | Constraint(inner=constraints):
            return constraints
        case _:
            return ()
