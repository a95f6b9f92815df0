"""People who are known elsewhere: signing in at an OpenID provider."""

from sallyport.adapters.identity.oidc import (
    Client,
    Pending,
    Provider,
    Tokens,
    Who,
    pending_of,
    who_of,
)

__all__ = ["Client", "Pending", "Provider", "Tokens", "Who", "pending_of", "who_of"]
