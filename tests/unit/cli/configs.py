"""Configurations as three clients and their users write them, and credentials planted in them."""

from pathlib import Path

from sallyport.doors.connect.clients import CLIENTS, Config, read

SECRETS = ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "pplx-Qm3kTz81xLw0aVb7", "hunter2hunter2")

CLAUDE = (
    b'{\r\n    "globalShortcut": "Alt+Space",\r\n    "mcpServers": {\r\n'
    b'        "github": {\r\n            "command": "python3",\r\n'
    b'            "args": ["-m", "github_mcp"],\r\n'
    b'            "env": {"GITHUB_PERSONAL_ACCESS_TOKEN": '
    b'"ghp_16C7e42F292c6912E7710c838347Ae178B4a", "LOG_LEVEL": "info"}\r\n        },\r\n'
    b'        "files": {"command": "python3", "args": ["-m", "files", "/home/ada/Documents"]}\r\n'
    b'    },\r\n    "preferences": {"menuBarEnabled": false}\r\n}'
)

CURSOR = b"""{
\t"mcpServers": {
\t\t"remote notes": {
\t\t\t"url": "https://notes.example.com/mcp",
\t\t\t"headers": { "Authorization": "Bearer hunter2hunter2" }
\t\t},
\t\t"search":   { "command":"python3", "args":["-m","search","--api-key","pplx-Qm3kTz81xLw0aVb7"] }
\t}
}
"""

VSCODE = """\ufeff// My servers. Do not commit!
{
  "inputs": [
    { "type": "promptString", "id": "perplexity-key", "description": "Key", "password": true, },
  ],
  "servers": {
    /* the one with the key */
    "Perplexity": {
      "type": "stdio",
      "command": "python3",
      "args": ["-m", "perplexity", "${workspaceFolder}"],
      "env": { "PERPLEXITY_API_KEY": "${input:perplexity-key}" }, // asked for
    },
    "old": { "type": "sse", "url": "https://old.example.com/sse" },
    "off": { "type": "stdio", "command": "python3", "disabled": true },
    "folder": { "type": "stdio", "command": "python3", "cwd": "/tmp" },
  },
}
""".encode()

ALL = {"claude-desktop": CLAUDE, "cursor": CURSOR, "vscode": VSCODE}


def config(client: str, data: bytes | None = None) -> Config:
    """Return a client's configuration, read."""
    data = ALL[client] if data is None else data
    return read(CLIENTS[client], Path("/home/ada/project/.vscode/mcp.json"), data, data.decode())
