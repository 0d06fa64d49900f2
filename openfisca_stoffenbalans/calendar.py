"""Days of a balance year and what is reckoned from its end."""

from __future__ import annotations

import calendar
import datetime
from typing import Any


def deadline(period: Any, months: int) -> datetime.date:
    """The last day of the month that lies `months` after the end of a balance year.

    Balance years start on the first day of a month and so end with the last day of one.
    """
    stop = period.stop
    years, month = divmod(stop.month - 1 + months, 12)
    last = calendar.monthrange(stop.year + years, month + 1)[1]
    return datetime.date(stop.year + years, month + 1, last)
