"""The prover's own process: two versions of a boundary on stdin, what was proved on stdout."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from sallyport.adapters.prover.process import NOT_INSTALLED
from sallyport.adapters.prover.z3_solver import NotInstalledError, solver
from sallyport.model import Boundary, Json, JsonObject, ToolPin
from sallyport.rules import VERSION, canonical, strict_json
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.system_file import load_system
from sallyport.rules.boundary.workflow_file import load_workflow
from sallyport.rules.proof.claims import narrower

BYTES_MAX = 256 * 1024 * 1024
DEPTH_MAX = 512


def main() -> int:
    """Prove what was asked; return the exit code."""
    asked = strict_json.loads(sys.stdin.buffer.read(), bytes_max=BYTES_MAX, depth_max=DEPTH_MAX)
    wanted = cast("dict[str, Any]", asked)
    try:
        solve = solver(float(sys.argv[1]))
    except NotInstalledError:
        return NOT_INSTALLED
    proof = narrower(
        compiled(wanted["new"]),
        compiled(wanted["old"]),
        today=date.fromisoformat(wanted["today"]),
        solve=solve,
    )
    sys.stdout.buffer.write(canonical.encode(proof.as_json()))
    return 0


def compiled(sources: Mapping[str, Any]) -> Boundary:
    """Compile a version from its sources."""
    systems = [load_system(text, file) for file, text in sources["systems"].items()]
    return compile_boundary(
        load_workflow(sources["workflow"], sources["file"]),
        {system.name: system for system in systems},
        [_pin(pin) for pin in sources["pins"]],
        code_version=VERSION,
        roles=(),
    )


def _pin(pin: Mapping[str, Json]) -> ToolPin:
    return ToolPin(
        system=cast(str, pin["system"]),
        tool=cast(str, pin["tool"]),
        definition=cast(JsonObject, pin["definition"]),
        digest=canonical.digest("tool", pin["definition"]),
    )


if __name__ == "__main__":
    sys.exit(main())
