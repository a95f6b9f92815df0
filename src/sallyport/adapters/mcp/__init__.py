"""The way out to systems that speak MCP; start at `upstreams.py`."""

from sallyport.adapters.mcp.link import Limits
from sallyport.adapters.mcp.upstreams import McpUpstreams

__all__ = ["Limits", "McpUpstreams"]
