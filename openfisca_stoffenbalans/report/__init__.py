"""What is shown of results: one report model, its renderings, and charts."""
