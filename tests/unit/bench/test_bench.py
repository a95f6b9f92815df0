"""The bench runs against real processes, counts what failed, and reads answers as they come."""

import asyncio
import itertools
import json
import subprocess
import sys
from typing import Any

import anyio
import pytest

from bench.flame import Profile, folded, lines, widths
from bench.load import Address, Crowd, end_of
from bench.processes import cpu_ns, family, peak_bytes
from bench.race import Figures, Memory, Plan, Result
from bench.report import as_json, ratio, section
from bench.targets import BARE, DIRECT, GOVERNED, TARGETS
from tests.house.planted import ROOT


def _figures(cpu_ms: float) -> Figures:
    return Figures(
        cpu_ms=cpu_ms, p50_ms=1.0, p99_ms=2.0, calls_per_s=900.0, errors=0, syncs_per_s=500.0
    )


RESULT = Result(
    plan=Plan(targets=(GOVERNED, BARE, DIRECT), callers=(16,), calls=100, rounds=3),
    figures={
        (GOVERNED, 16): _figures(0.5),
        (BARE, 16): _figures(0.25),
        (DIRECT, 16): _figures(0.05),
    },
    memory={GOVERNED: Memory(peak_mib=80.4, now_mib=80.0, calls=360)},
    failed="",
    machine="a machine",
)


def test_a_quick_run_has_figures_for_every_target() -> None:
    """Gateway, pass-through and system are started, driven and measured, and no call fails."""
    command = [sys.executable, "-m", "bench", "--quick", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)

    assert told["figures"].keys() == TARGETS.keys() == told["memory"].keys()
    for by_callers in told["figures"].values():
        for found in by_callers.values():
            assert found["errors"] == 0
            assert found["cpu_ms"] > 0
            assert 0 < found["p50_ms"] <= found["p99_ms"]
    assert all(found["peak_mib"] > 0 for found in told["memory"].values())


def test_an_unknown_target_is_refused_in_one_sentence() -> None:
    """A typing error starts nothing."""
    command = [sys.executable, "-m", "bench", "--targets", "governd"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.strip() == "error: no such target: governd"


def test_ratios_are_of_the_same_run_and_number_of_callers() -> None:
    """Half a millisecond is twice a quarter; what did not run has no ratio."""
    assert ratio(RESULT, GOVERNED, BARE, 16) == "2.00"
    assert ratio(RESULT, GOVERNED, DIRECT, 16) == "10.00"
    assert ratio(RESULT, GOVERNED, "another", 16) == "-"


def test_the_section_tells_machine_figures_and_memory() -> None:
    """What is written into the documentation can be judged without the run."""
    text = section(RESULT)

    assert "- Machine: a machine." in text
    assert "| 16 | governed | 0.500 | 2.00 | 10.00 | 1.00 | 2.00 | 900 | 0 | 500 |" in text
    assert "| governed | 80 | 80 | 360 |" in text
    assert as_json(RESULT)["figures"][BARE]["16"]["cpu_ms"] == 0.25


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 202 Accepted\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ],
    ids=["length", "no body", "chunked"],
)
def test_an_answer_ends_where_http_says_so(answer: bytes) -> None:
    """It is not whole one byte earlier; an answer that is cut must not count."""
    assert end_of(bytearray(answer)) == len(answer)
    assert end_of(bytearray(answer[:-1])) == 0


async def _hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


@pytest.mark.anyio
async def test_a_connection_that_was_lost_is_an_error_and_no_end() -> None:
    """The calls after it are made over a new one, so a run goes on."""
    with anyio.fail_after(10):
        async with await asyncio.start_server(_hangs_up, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            address = Address(f"http://127.0.0.1:{port}/mcp", stateless=True)
            crowd = await Crowd.gather(address, 2, itertools.count(1))
            tally = await crowd.work(6)
            crowd.leave()

    assert (tally.errors, len(tally.took)) == (6, 6)
    assert tally.seen == b"the target hung up"


def test_a_request_names_host_and_token() -> None:
    """The gateway checks both."""
    head = Address("http://127.0.0.1:8642/mcp/bench", "secret").head(b"session-1")

    assert head.startswith(b"POST /mcp/bench HTTP/1.1\r\nHost: 127.0.0.1:8642\r\n")
    assert b"\r\nAuthorization: Bearer secret\r\n" in head
    assert b"\r\nMcp-Session-Id: session-1\r\n" in head


def test_a_stateless_request_says_who_it_is_in_headers_and_body() -> None:
    """The gateway compares both; there is no session to name."""
    address = Address("http://127.0.0.1:8642/mcp/bench", tool="up-echo", stateless=True)
    head, body = address.head(), json.loads(address.call() % (7, b"7."))

    assert b"\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n" in head
    assert b"\r\nMcp-Name: up-echo\r\n" in head
    assert body["params"]["name"] == "up-echo"
    assert body["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] == "2026-07-28"


def test_the_kernel_is_asked_for_another_process() -> None:
    """CPU and memory are those of the measured process, not of the bench."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        try:
            assert cpu_ns((child.pid,)) >= 0
            assert peak_bytes((child.pid,)) > 0
        finally:
            child.kill()


def test_children_are_part_of_what_a_target_costs() -> None:
    """A gateway that works in child processes pays for them."""
    script = "import subprocess; c = subprocess.Popen('cat'); print(c.pid, flush=True); c.wait()"
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        try:
            assert parent.stdout is not None
            child = int(parent.stdout.readline())
            assert family((parent.pid,)) == (parent.pid, child)
        finally:
            assert parent.stdin is not None
            parent.stdin.close()


def test_widths_count_a_function_once_for_each_sample() -> None:
    """A function that calls itself is as wide as its samples, not as its depth."""
    found = Profile(calls=2, cpu_ms=4.0, stacks={"a;b;b": 3, "a": 1}, threads_ms={"main": 4.0})

    assert widths(found, own=False) == {"a": 4, "b": 3}
    assert widths(found, own=True) == {"b": 3, "a": 1}
    assert folded(found) == "a 1\na;b;b 3\n"
    assert next(lines(found)).startswith("2.000 ms CPU a call")
