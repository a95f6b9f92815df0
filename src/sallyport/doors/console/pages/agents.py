"""Agents: what each may do, what it did, what waits; and the list of its access, to take along."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sallyport.doors.console.page import Attached, Page, Visit
from sallyport.doors.console.words import say
from sallyport.errors import NotFoundError
from sallyport.model import Agent, Boundary, Json, JsonObject, Switch
from sallyport.ports import LedgerQuery
from sallyport.rules.telling import access
from sallyport.rules.telling.plain import ORDER, plain
from sallyport.rules.times import SECOND_US, today, utc
from sallyport.rules.trace import Heard

WEEK_US = 7 * 24 * 3600 * SECOND_US
COUNTED_MAX = 5000
"""So many of an agent's newest calls are counted; the page says when there are more."""


async def show_all(visit: Visit) -> Page:
    """Return every agent that is known, and with it every one that ever made a call."""
    registry = visit.house.gateway.registry
    listed: list[Json] = [await _brief(visit, one) for _, one in sorted(registry.agents.items())]
    view: JsonObject = {"agents": listed, "now_us": visit.now_us}
    return Page(template="agents", title=say("nav.agents"), at="agents", view=view)


async def show(visit: Visit) -> Page:
    """Return one agent."""
    agent = _agent(visit)
    boundaries = _boundaries(visit, agent.name)
    did = await _did(visit, agent.name)
    view: JsonObject = {
        **await _brief(visit, agent),
        "contact": agent.contact,
        "never": list[Json](visit.house.gateway.registry.kept_from(agent.name)),
        "may_do": [
            {"workflow": one.workflow.name, "digest": one.digest, **plain(one).as_json()}
            for one in boundaries
        ],
        "did": did,
        "floors": _floors(visit, agent.name, boundaries),
    }
    crumbs = (("/agents", say("nav.agents")),)
    return Page(template="agent", title=agent.name, at="agents", view=view, crumbs=crumbs)


async def access_csv(visit: Visit) -> Attached:
    """Return all that an agent can access and do, as CSV."""
    agent, rows = _access(visit)
    return Attached(name=f"{agent}-access.csv", media_type="text/csv", text=access.as_csv(rows))


async def access_markdown(visit: Visit) -> Attached:
    """Return all that an agent can access and do, as a Markdown table."""
    agent, rows = _access(visit)
    title = say("agent.access.title", agent=agent, at=utc(visit.now_us))
    text = f"# {title}\n\n{access.as_markdown(rows)}"
    return Attached(name=f"{agent}-access.md", media_type="text/markdown", text=text)


async def access_page(visit: Visit) -> Page:
    """Return the same list as a page."""
    agent, rows = _access(visit)
    view: JsonObject = {"agent": agent, "rows": [one.as_json() for one in rows]}
    crumbs = (("/agents", say("nav.agents")), (f"/agents/{agent}", agent))
    title = say("agent.access")
    return Page(template="access", title=title, at="agents", view=view, crumbs=crumbs)


def _access(visit: Visit) -> tuple[str, Sequence[access.Line]]:
    agent = _agent(visit).name
    day = today(visit.now_us)
    never = visit.house.gateway.registry.kept_from(agent)
    return agent, access.access(_boundaries(visit, agent), today=day, never=never)


def _agent(visit: Visit) -> Agent:
    name = visit.path["name"]
    found = visit.house.gateway.registry.agents.get(name)
    if found is None:
        raise NotFoundError(f"no agent has the name `{name[:80]}`", fix="choose one under Agents")
    return found


def _boundaries(visit: Visit, agent: str) -> list[Boundary]:
    registry = visit.house.gateway.registry
    active = (registry.boundaries[one] for one in registry.active.values())
    found = [one for one in active if one.workflow.agent == agent]
    return sorted(found, key=lambda one: one.workflow.name)


async def _brief(visit: Visit, agent: Agent) -> JsonObject:
    query = LedgerQuery(agent=agent.name, kind="call.decided", newest_first=True, limit=1)
    last = await visit.house.reading.search(query)
    waits = [one for one in await visit.waiting() if one.agent == agent.name]
    return {
        "name": agent.name,
        "owner": agent.owner,
        "purpose": agent.purpose,
        "stage": agent.stage.value,
        "active": agent.active,
        "workflows": [one.workflow.name for one in _boundaries(visit, agent.name)],
        "last_us": last[0].at_us if last else 0,
        "waits": len(waits),
        "now_us": visit.now_us,
    }


async def _did(visit: Visit, agent: str) -> JsonObject:
    """Return what an agent proposed in seven days, counted by verdict and by tool."""
    query = LedgerQuery(
        agent=agent,
        kind="call.decided",
        since_us=visit.now_us - WEEK_US,
        newest_first=True,
        limit=COUNTED_MAX,
    )
    found = await visit.house.reading.search(query)
    own = [one for one in found if one.body.get("origin") != "gateway"]
    verdicts = Counter(str(one.body.get("verdict")) for one in own)
    return {
        "verdicts": {verdict: verdicts[verdict] for verdict in ORDER},
        "tools": _tools(own),
        "total": len(own),
        "more": len(found) == COUNTED_MAX,
    }


def _tools(found: Sequence[Heard]) -> list[Json]:
    counted: dict[str, Counter[str]] = {}
    for one in found:
        tool = str(one.body.get("tool"))
        counted.setdefault(tool, Counter())[str(one.body.get("verdict"))] += 1
    return [
        {"tool": tool, **{verdict: counts[verdict] for verdict in ORDER}}
        for tool, counts in sorted(counted.items())
    ]


def _floors(visit: Visit, agent: str, boundaries: Sequence[Boundary]) -> list[Json]:
    """Return what is set for an agent, its workflows, systems and tools, the strictest first."""
    names = {"everything", f"agent:{agent}"}
    for one in boundaries:
        names |= {f"workflow:{one.workflow.name}"}
        names |= {f"system:{name}" for name in one.systems}
        names |= {f"tool:{name}" for name in one.workflow.tools}
    switches = visit.house.gateway.registry.switches.values()
    found = [one for one in switches if one.scope in names]
    return [_floor(one) for one in sorted(found, key=lambda one: -one.verdict)]


def _floor(one: Switch) -> JsonObject:
    return {
        "scope": one.scope,
        "verdict": one.verdict.name.lower(),
        "because": one.because,
        "by": one.by,
        "since_us": one.since_us,
    }
