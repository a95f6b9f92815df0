"""Puts Sallyport between an MCP client and the servers it already uses, and takes it out again.

Rules:
  1. The client's file is the last thing written, and its original bytes are kept before that.
  2. Outside the entries that are replaced, not one byte of the client's file changes.
  3. No credential found on the way stays in the client's file or enters a system file.
  4. What cannot be taken in completely is left as it is and named, never taken in by halves.
"""
