"""A child process that speaks MCP by hand and misbehaves as told: `raw_child.py MODE`.

It repeats on stderr every line it received, so that a test can see what arrived.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

MODE = sys.argv[1]
RESULT: dict[str, Any] = {"content": [{"type": "text", "text": "done"}]}
RECEIVED: list[dict[str, Any]] = []


def say(message: object) -> None:
    """Write one line."""
    line = message if isinstance(message, str) else json.dumps(message)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def say_half(id_: object) -> None:
    """Write a result, but for its end, and end."""
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": id_, "result": RESULT})[:-9])
    sys.stdout.flush()
    os._exit(1)


def answer(id_: object, result: object) -> None:
    """Write a result."""
    say({"jsonrpc": "2.0", "id": id_, "result": result})


def refuse(id_: object) -> None:
    """Write that a method is not known here."""
    say({"jsonrpc": "2.0", "id": id_, "error": {"code": -32601, "message": "not known here"}})


def is_first_life() -> bool:
    """Return whether no child lived before this one, and note that one did."""
    note = Path(os.environ["LIFE"])
    first = not note.exists()
    note.touch()
    return first


def discovered(id_: object) -> None:
    """Answer the question for the era, if this mode has an answer."""
    if MODE == "fragile":
        os._exit(1)
    if MODE == "modern_hangs_up":
        tools = {"tools": {"listChanged": True}}
        answer(id_, {"supportedVersions": ["2026-07-28"], "capabilities": tools})
    elif MODE.startswith("modern") or (MODE == "turncoat" and is_first_life()):
        answer(id_, {"resultType": "complete", "supportedVersions": ["2026-07-28"]})
    elif MODE != "mute":
        refuse(id_)


def call(id_: Any) -> None:  # noqa: C901, PLR0912, PLR0915 - a branch for each mode
    """Answer a call, in the way of this mode."""
    match MODE:
        case "wrong_id":
            answer(id_ + 1000, RESULT)
            answer(str(id_), RESULT)
            answer(id_, RESULT)
        case "twice":
            answer(id_, RESULT)
            answer(id_, {"content": [{"type": "text", "text": "another"}]})
        case "noise":
            say("starting up ...")
            say('{"broken": ')
            say("[1, 2]")
            answer(id_, RESULT)
        case "doubled":
            say(f'{{"jsonrpc":"2.0","id":{id_},"result":{{"content":[]}},"result":{{}}}}')
        case "modern_asks":
            say({"jsonrpc": "2.0", "id": "e", "method": "elicitation/create", "params": {}})
            answer(id_, RESULT | {"resultType": "complete"})
        case "recounts" | "modern_recounts":
            if RECEIVED[-1]["params"]["name"] == "recount":
                answer(id_, {"content": [{"type": "text", "text": json.dumps(RECEIVED)}]})
        case "asks":
            for number, method in enumerate(["ping", "roots/list", "sampling/createMessage"]):
                say({"jsonrpc": "2.0", "id": f"own-{number}", "method": method})
            replies = [sys.stdin.readline() for _ in range(3)]
            answer(id_, {"content": [{"type": "text", "text": reply} for reply in replies]})
        case "asks_and_dies":
            params = {"message": "Who?", "requestedSchema": {"type": "object"}}
            say({"jsonrpc": "2.0", "id": 7, "method": "elicitation/create", "params": params})
            time.sleep(0.2)
            os._exit(1)
        case "flood":
            sys.stdout.write("{")
            while True:
                sys.stdout.write("x" * 65536)
        case "silent":
            pass
        case "half_a_line" | "modern_half_a_line":
            say_half(id_)
        case "last_words":
            answer(id_, RESULT)
            os._exit(1)
        case "turncoat" if RECEIVED[-1]["params"]["name"] == "die":
            os._exit(1)
        case "dies":
            os._exit(1)
        case "changes":
            say({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"})
            answer(id_, RESULT)
        case "family":
            grandchild = subprocess.Popen(["/bin/sleep", "1000"])
            pids = json.dumps([os.getpid(), grandchild.pid])
            answer(id_, {"content": [{"type": "text", "text": pids}]})
        case _:
            answer(id_, RESULT)


def main() -> None:
    """Serve until stdin ends, or for ever where the mode is stubborn."""
    if MODE == "family":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if MODE == "stillborn":
        sys.exit(1)
    for line in sys.stdin:
        sys.stderr.write(line)
        sys.stderr.flush()
        message = json.loads(line)
        RECEIVED.append(message)
        if message.get("method") == "server/discover":
            discovered(message["id"])
        elif message.get("method") == "initialize":
            answer(message["id"], {"protocolVersion": "2025-06-18", "capabilities": {}})
        elif message.get("method") in ("tools/list", "subscriptions/listen"):
            answer(message["id"], {})
        elif message.get("method") == "tools/call":
            call(message["id"])
    while MODE == "family":
        time.sleep(1000)


main()
