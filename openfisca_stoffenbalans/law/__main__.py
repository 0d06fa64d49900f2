"""Write the generated pages of `docs/` in a checkout: `python -m openfisca_stoffenbalans.law`."""

import json
from pathlib import Path

from openfisca_stoffenbalans.dataset.files import replacing
from openfisca_stoffenbalans.law.coverage import covered, gaps, page
from openfisca_stoffenbalans.scenario.definition import json_schema


def main() -> None:
    """Write docs/coverage.md and docs/scenario.schema.json and say which provisions lack something."""
    with replacing(Path("docs/coverage.md")) as temporary:
        temporary.write_text(page(Path("tests")), encoding="utf-8")
    with replacing(Path("docs/scenario.schema.json")) as temporary:
        temporary.write_text(json.dumps(json_schema(), indent=2) + "\n", encoding="utf-8")
    listed, astray = covered(Path("tests"))
    for gap in gaps(listed):
        print(gap)
    for citation, names in sorted(astray.items()):
        print(f"{citation} names no provision: {', '.join(sorted(names))}")


if __name__ == "__main__":
    main()
