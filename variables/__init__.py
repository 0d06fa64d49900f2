"""The formulas of the law."""
