"""A second, independent reading of the Stoffstrombilanzverordnung, slow and plain, for tests only."""
