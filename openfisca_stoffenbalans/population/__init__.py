"""Synthetic farm populations from public statistics: made in steps, calibrated to margins, held against held-out figures."""
