"""Write the generated pages of `docs/` in a checkout: `python -m openfisca_stoffenbalans.law`."""

from pathlib import Path

from openfisca_stoffenbalans.dataset.files import replacing
from openfisca_stoffenbalans.law.coverage import covered, gaps, page


def main() -> None:
    """Write docs/coverage.md and say which provisions lack something."""
    with replacing(Path("docs/coverage.md")) as temporary:
        temporary.write_text(page(Path("tests")), encoding="utf-8")
    listed, astray = covered(Path("tests"))
    for gap in gaps(listed):
        print(gap)
    for citation, names in sorted(astray.items()):
        print(f"{citation} names no provision: {', '.join(sorted(names))}")


if __name__ == "__main__":
    main()
