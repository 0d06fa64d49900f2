"""Sections 4(2) and 5(2): the nutrients in what a farm takes up and gives away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .inputs import Flow
from .tables import Amount, Law, Product, plain_id

MASS_KG = {"kg": 1, "dt": 100, "t": 1000}
MANURE = "de_manure_"
COEFFICIENT_COLUMN = {"slurry": "sp2", "solid": "sp3"}


@dataclass(frozen=True)
class Nutrients:
    """kg N, kg P and kg P2O5, each by itself; None: missing."""

    nitrogen: Amount
    phosphorus: Amount
    phosphate: Amount

    def of(self, nutrient: str) -> Amount:
        """kg of nitrogen, phosphorus or phosphate."""
        value: Amount = getattr(self, nutrient)
        return value


NOTHING = Nutrients(Fraction(0), Fraction(0), Fraction(0))


def manure_product(code: str, law: Law, manure_rows: Mapping[str, str], day: date) -> Product | None:
    """Section 5(2) no. 1: kg per m3 slurry or t solid manure, from DüV annexes 1, 2 and 9."""
    body, _, system = code.removeprefix(MANURE).rpartition("_")
    annex_9_id = plain_id(body)
    animal = law.animals.get(manure_rows.get(annex_9_id, ""))
    if animal is None or system not in COEFFICIENT_COLUMN:
        return None
    versions = [row for row in law.manure_volumes if row.id == annex_9_id]
    day = max(day, min((row.valid_from for row in versions), default=day))
    volumes = [
        row.slurry_m3 if system == "slurry" else row.solid_t
        for row in versions
        if row.valid_from <= day <= row.valid_to
    ]
    volume = volumes[0] if volumes else None
    coefficient = law.loss_coefficients[f"{animal.species}_{COEFFICIENT_COLUMN[system]}"]
    if not volume or coefficient is None or animal.n is None or animal.p2o5 is None:
        return None
    n = animal.n * coefficient / 100 / (2 * volume)
    p2o5 = animal.p2o5 / (2 * volume)
    unit, reference = ("m3", Fraction(1)) if system == "slurry" else ("kg", Fraction(1000))
    return Product(9, annex_9_id, unit, reference, n, p2o5 * law.p_per_p2o5, p2o5)


def product_of(flow: Flow, law: Law, manure_rows: Mapping[str, str], day: date) -> Product | None:
    """The table row of the flow's product, None where there is none."""
    if flow.product is None:
        return None
    if flow.product.startswith(MANURE):
        return manure_product(flow.product, law, manure_rows, day)
    return law.products.get(flow.product)


def table_amount(flow: Flow, product: Product) -> Amount:
    """How often the table's reference quantity is in the flow; None when the unit does not fit."""
    if product.unit != "kg":
        return flow.amount / product.reference if flow.unit == product.unit else None
    if flow.unit not in MASS_KG:
        return None
    kg = flow.amount * MASS_KG[flow.unit]
    if product.table == 3 and flow.dry_matter_pct is not None:
        kg = kg * flow.dry_matter_pct / 100
    if product.table == 4:
        dry_matter = product.dry_matter_pct if flow.dry_matter_pct is None else flow.dry_matter_pct
        if dry_matter is None:
            return None
        kg = kg * dry_matter / 100
    if product.live_weight and flow.weight_basis == "slaughter":
        pct = product.slaughter_pct[flow.animal_sex]
        pct = product.slaughter_pct["all"] if pct is None else pct
        if pct is None:
            return None
        kg = kg / (pct / 100)
    return kg / product.reference


def _times(amount: Amount, content: Amount) -> Amount:
    return None if amount is None or content is None else amount * content


def nutrients(flow: Flow, law: Law, manure_rows: Mapping[str, str], day: date) -> Nutrients:
    """kg in the flow: each nutrient by its declared content, else by the table, else missing."""
    product = product_of(flow, law, manure_rows, day)
    amount = table_amount(flow, product) if product else None
    table_n = _times(amount, product.n) if product else None
    table_p = _times(amount, product.p) if product else None
    table_p2o5 = _times(amount, product.p2o5) if product else None

    n = table_n if flow.n_content is None else flow.amount * flow.n_content
    if flow.p_content is not None:
        p: Amount = flow.amount * flow.p_content
    elif flow.p2o5_content is not None:
        p = flow.amount * flow.p2o5_content * law.p_per_p2o5
    else:
        p = table_p
    if flow.p2o5_content is not None:
        p2o5: Amount = flow.amount * flow.p2o5_content
    elif flow.p_content is not None:
        p2o5 = flow.amount * flow.p_content / law.p_per_p2o5
    else:
        p2o5 = table_p2o5
    return Nutrients(n, p, p2o5)


def supplied_seed_counts(flow: Flow, law: Law) -> bool:
    """Section 4(1) sentence 2: supplied seed of cereals, maize, potatoes and grain legumes only."""
    if flow.product is None:
        return True
    product = law.products.get(flow.product)
    if product is None or product.table != 1:
        return False
    return (
        product.group in ("Getreide, Körnermais", "Einjährige Körnerleguminosen")
        or product.id == "getreide_ganzpflanze"
        or product.id.startswith(("koernermais_", "silomais_", "kartoffel_"))
    )
