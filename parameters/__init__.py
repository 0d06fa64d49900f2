"""The numbers of the law, as dated and cited YAML."""
