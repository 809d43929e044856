"""Everything that writes swaps: one function, one transaction on the chassis, one notification.

The row alone resumes a swap; nothing is kept in the process. Times are aware datetimes passed in as `now`.
"""

from backplane.swaps.services.act import Deed, act
from backplane.swaps.services.advance import advance, chassis_with_swaps
from backplane.swaps.services.lease import renew_lease
from backplane.swaps.services.start import SwapRequest, start_swap

__all__ = [
    "Deed",
    "SwapRequest",
    "act",
    "advance",
    "chassis_with_swaps",
    "renew_lease",
    "start_swap",
]
