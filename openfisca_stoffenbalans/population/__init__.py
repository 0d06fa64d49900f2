"""Synthetic farm populations from public statistics: made in steps, calibrated, and held against figures left out."""
