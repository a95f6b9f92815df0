"""The two entrances for text: a workflow file and a system file."""

from sallyport.rules.boundary.system_file import load_system
from sallyport.rules.boundary.workflow_file import load_workflow

__all__ = ["load_system", "load_workflow"]
