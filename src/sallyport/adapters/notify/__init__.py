"""Ways to tell people that something wants them. The only way out beside that to the systems.

What leaves here is a notice: a title, a summary and a link. Nothing that comes back decides.
"""

from sallyport.adapters.notify.channels import channels_of

__all__ = ["channels_of"]
