"""Farm, Field and Entry: a farm, its fields and the lines of its books."""

from openfisca_core.entities import build_entity

ROLES = ("flow", "herd", "crop", "application", "stock")

Entry = build_entity(
    key="entry",
    plural="entries",
    label="A line of a farm's books",
    doc="""
    One line of a farm's books for one balance year: an amount that crossed the farm gate, a herd, a crop, a
    spreading or a stock. An entry is a slot: line k of a farm or field in one role; what stands in it may change from
    year to year, and a slot that is empty in a year has the product, animal, crop or material `none`.
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
            "doc": "Fertiliser spread",
        },
        {
            "key": "stock",
            "plural": "stocks",
            "label": "Stocks",
            "doc": "What lay in store when the year began and ended",
        },
    ],
)

Field = build_entity(
    key="field",
    plural="fields",
    label="A field",
    doc="""
    A field of a farm, with the crops on it and what was spread on it. Entries that name no field, such as flows and
    herds, belong to the farmyard, a field without area that every farm has.
    """,
    roles=[{"key": "line", "plural": "lines", "label": "Lines", "doc": "A crop on the field or a spreading"}],
    containing_entities=["farm"],
)

entities = [Farm, Field, Entry]
