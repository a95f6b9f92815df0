"""`sallyport mcp` without its command line: `python stdio_child.py URL WORKFLOW`."""

import os
import sys

from sallyport.doors.mcp.stdio import run, token_from

if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2], token_from(os.environ)))
