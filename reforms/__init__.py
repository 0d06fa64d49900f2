"""Legal readings and policy alternatives."""
