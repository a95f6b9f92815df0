"""The prover's own process: two versions of a boundary on stdin, what was proved on stdout."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, cast

from sallyport.adapters.prover.process import NOT_INSTALLED
from sallyport.adapters.prover.z3_solver import NotInstalledError, solver
from sallyport.model import Boundary, Json, JsonObject, System, ToolPin, ToolRule, Workflow
from sallyport.rules import VERSION, canonical, strict_json
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.system_file import load_system
from sallyport.rules.boundary.workflow_file import load_workflow
from sallyport.rules.proof.claims import narrower
from sallyport.rules.proof.found import Found, Solver
from sallyport.rules.proof.standing import standing

BYTES_MAX = 256 * 1024 * 1024
DEPTH_MAX = 512


def main() -> int:
    """Prove what was asked; return the exit code."""
    asked = strict_json.loads(sys.stdin.buffer.read(), bytes_max=BYTES_MAX, depth_max=DEPTH_MAX)
    try:
        solve = solver(float(sys.argv[1]))
    except NotInstalledError:
        return NOT_INSTALLED
    found = proved(cast("dict[str, Any]", asked), solve)
    said: JsonObject = {
        **found.as_json(),
        "unasked": list[Json](found.unasked),
        "useless": list[Json](found.useless),
        "solver": solve.name,
        "formulas": solve.formulas,
    }
    sys.stdout.buffer.write(canonical.encode(said))
    return 0


def proved(asked: Mapping[str, Any], solve: Solver) -> Found:
    """Prove that one version grants nothing another did not; alone, what it must keep by itself."""
    today = date.fromisoformat(asked["today"])
    new, unsure = compiled(asked["new"])
    if asked["old"] is None:
        found = standing(new, today=today, solve=solve)
    else:
        old, also = compiled(asked["old"])
        found, unsure = narrower(new, old, today=today, solve=solve), unsure | also
    found.unknown += (f"`{tool}`: it is not known which system offers it" for tool in unsure)
    return found


def compiled(sources: Mapping[str, Any]) -> tuple[Boundary, dict[str, None]]:
    """Compile a version from its sources, and name the tools that may mean several things."""
    systems = [load_system(text, file) for file, text in sources["systems"].items()]
    pins = [_pin(pin) for pin in sources["pins"]]
    workflow = load_workflow(sources["workflow"], sources["workflow_file"])
    unsure: dict[str, None] = {}
    if not pins:
        workflow, unsure = placed(workflow, systems)
    boundary = compile_boundary(
        workflow, {one.name: one for one in systems}, pins, code_version=VERSION, roles=()
    )
    return boundary, unsure


def placed(workflow: Workflow, systems: Sequence[System]) -> tuple[Workflow, dict[str, None]]:
    """Return a workflow, each tool of which is of the one system that can offer it.

    Files alone do not say what a system offers. Where one system's file names a tool it is that
    one; where none does and there is but one system, that. A tool that several files name is among
    those returned beside it: nothing is proved of it.
    """
    homes = {tool: _homes(rule, systems) for tool, rule in workflow.tools.items()}
    tools = {
        tool: replace(rule, system=homes[tool][0]) if len(homes[tool]) == 1 else rule
        for tool, rule in workflow.tools.items()
    }
    unsure = (tool for tool, known in homes.items() if len(known) > 1)
    return replace(workflow, tools=tools), dict.fromkeys(unsure)


def _homes(rule: ToolRule, systems: Sequence[System]) -> list[str]:
    if rule.system:
        return [rule.system]
    naming = [one.name for one in systems if rule.tool in one.tools]
    return naming or [one.name for one in systems if len(systems) == 1]


def _pin(pin: Mapping[str, Json]) -> ToolPin:
    return ToolPin(
        system=cast(str, pin["system"]),
        tool=cast(str, pin["tool"]),
        definition=cast(JsonObject, pin["definition"]),
        digest=canonical.digest("tool", pin["definition"]),
    )


if __name__ == "__main__":
    sys.exit(main())
