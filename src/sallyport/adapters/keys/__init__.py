"""Key material: the only place that touches it, and what is made from it."""

from sallyport.adapters.keys.key_file import KeyFile
from sallyport.adapters.keys.people import PersonalSignatures, PersonKey, is_usable_key
from sallyport.adapters.keys.tokens import new_token, token_hash

__all__ = ["KeyFile", "PersonKey", "PersonalSignatures", "is_usable_key", "new_token", "token_hash"]
