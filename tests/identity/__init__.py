"""Signing in at a real OpenID provider, and at one that lies."""
