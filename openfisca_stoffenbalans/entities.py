"""Farm and Entry: a farm and the lines of its books."""

from openfisca_core.entities import build_entity

ROLES = ("flow", "herd", "crop", "application")

Entry = build_entity(
    key="entry",
    plural="entries",
    label="A line of a farm's books",
    doc="""
    One line of a farm's books for one balance year: an amount that crossed the farm gate, a herd, a crop or a
    spreading. An entry is a slot: line k of a farm in one role; what stands in it may change from year to year, and a
    slot that is empty in a year has the product, animal, crop or material `none`.
    """,
    is_person=True,
)

Farm = build_entity(
    key="farm",
    plural="farms",
    label="A farm",
    doc="A farm: all units that one holder runs. Its balance years are periods of one year.",
    roles=[
        {"key": "flow", "plural": "flows", "label": "Flows", "doc": "An amount that crossed the farm gate"},
        {"key": "herd", "plural": "herds", "label": "Herds", "doc": "Animals of one category, kept one way"},
        {"key": "crop", "plural": "crops", "label": "Crops", "doc": "An area of one crop or grassland"},
        {
            "key": "application",
            "plural": "applications",
            "label": "Applications",
            "doc": "Organic fertiliser spread",
        },
    ],
)

entities = [Farm, Entry]
