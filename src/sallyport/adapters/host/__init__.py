"""What the machine itself gives: its time, its chance, and the stop file of its people."""

from sallyport.adapters.host.clock import SystemClock
from sallyport.adapters.host.ids import SystemIds
from sallyport.adapters.host.stop_file import HostStopFile

__all__ = ["HostStopFile", "SystemClock", "SystemIds"]
