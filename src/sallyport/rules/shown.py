"""A call's arguments as they are put before a person: what decides most, and amounts as amounts.

Beside what is written here stands every argument exactly as it will be sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sallyport.model import Json, JsonObject, Plumbing, Reversible
from sallyport.rules.boundary.units import money


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a person should see of one call beyond its bare arguments.

    `critical` names the arguments, among those given, that decide whom or how much. `amounts` has
    those that count cents, as `620.00 EUR`. `reversible` is None where nobody declared it, `undo`
    the tool that takes the call back, empty where there is none.
    """

    critical: tuple[str, ...] = ()
    amounts: Mapping[str, str] = field(default_factory=dict[str, str])
    reversible: Reversible | None = None
    undo: str = ""

    def as_json(self) -> JsonObject:
        """Return it for programs."""
        return {
            "critical": list[Json](self.critical),
            "amounts": dict[str, Json](self.amounts),
            "reversible": self.reversible.value if self.reversible else "",
            "undo": self.undo,
        }


def shown(args: JsonObject, plumbing: Plumbing) -> Shown:
    """Return what a person should see of a call, by how its tool is handled."""
    counted = {
        name: str(money(value, currency))
        for name, currency in plumbing.units.items()
        if type(value := args.get(name)) is int
    }
    return Shown(
        critical=tuple(name for name in plumbing.critical if name in args),
        amounts=counted,
        reversible=plumbing.reversible,
        undo=plumbing.undo.tool if plumbing.undo else "",
    )
