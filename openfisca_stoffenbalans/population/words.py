"""What was made, in sentences."""

from __future__ import annotations

from pathlib import Path

from openfisca_stoffenbalans.population.build import Made
from openfisca_stoffenbalans.population.margins import COUNTRIES


def sentences(made: Made, out: Path) -> list[str]:
    """What a run says at its end: farms, rows, how margins and weights came out, where the files are."""
    plan, raking = made.plan, made.raking
    stands_for = f"{plan.target('farms_total'):,.0f}"
    rows = ", ".join(f"{number:,} {table}" for table, number in made.rows.items() if table != "farms")
    return [
        f"{plan.farms:,} synthetic {COUNTRIES[plan.country]} farms that stand for {stands_for}, balance years "
        f"{plan.years[0]} to {plan.years[-1]}, seed {plan.seed}: {rows}.",
        *raking.sentences(plan.targets),
        f"What it is worth: stoffenbalans population quality {out}",
        f"Written: {', '.join(map(str, made.files))}.",
    ]
