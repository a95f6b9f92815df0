"""Systems as owners write them, looked at before anything is signed.

Rules:
  1. A definition that is being looked at never replaces the one an active boundary was signed with.
  2. A tool whose definition repeats a credential is refused, since agents would read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sallyport.errors import (
    BadInputError,
    UpstreamDownError,
    UpstreamLostError,
    UpstreamProtocolError,
)
from sallyport.flow.gateway import Gateway
from sallyport.model import System, ToolPin
from sallyport.rules import canonical
from sallyport.rules.boundary.system_file import load_system


class Inspecting:
    """Knows every system that may be connected to: of active boundaries, or being looked at."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.inspected: dict[str, System] = {}

    def systems(self) -> Mapping[str, System]:
        """Return every system that may be connected to, those in force the way they were signed."""
        found = dict(self.inspected)
        for digest in self._gateway.registry.active.values():
            found.update(self._gateway.registry.boundaries[digest].systems)
        return found  # in the order of signing, as `Registry.reached_as` has it

    async def inspect(self, text: str, file: str) -> tuple[System, Sequence[ToolPin]]:
        """Load a system file, connect, and return the tools that the system offers now.

        Raises:
            BoundaryErrors: The file cannot be loaded.
            UpstreamError: The system cannot be reached.
            BadInputError: A tool's definition repeats a credential, which agents would then read.
        """
        system = load_system(text, file)
        name = self._look_at(system)
        pins = [replace(pin, system=system.name) for pin in await self._offered(system, name)]
        for pin in pins:
            self._check_leak(pin)
        return system, pins

    async def _offered(self, system: System, name: str) -> Sequence[ToolPin]:
        """Ask a system for its tools. No call is in doubt where it breaks off here."""
        try:
            return await self._gateway.outside.upstreams.tools(name)
        except UpstreamProtocolError:
            raise
        except UpstreamLostError as error:
            raise UpstreamDownError(
                f"system `{system.name}` ended before it said what it offers",
                fix="start it by hand, see what it complains of, and mend that",
            ) from error

    def _check_leak(self, pin: ToolPin) -> None:
        secrets = self._gateway.sender.secrets
        if secrets is not None and secrets.leak(canonical.encode(pin.definition)):
            raise BadInputError(
                f"a tool of system `{pin.system}` holds a credential in its definition",
                fix="have the system's operator take it out, and replace the credential",
            )

    def _look_at(self, system: System) -> str:
        """Return the name to reach a definition under; a changed one gets a name of its own."""
        if self.systems().get(system.name) in (None, system):
            self.inspected[system.name] = system
            return system.name
        name = f"{system.name}@proposed"
        self.inspected[name] = replace(system, name=name)
        return name
