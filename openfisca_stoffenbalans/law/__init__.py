"""Citations and coverage of the law."""
