"""Ammonia from what was spread on a field and from residues left there, kg N per ha."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import NO_DAY, PRODUCTS, FertiliserType, ResidueLeft
from openfisca_stoffenbalans.entities import Entry, Field
from openfisca_stoffenbalans.lookup import NONE, Law, gather
from openfisca_stoffenbalans.numbers import added
from openfisca_stoffenbalans.slots import field_of, lines, on
from openfisca_stoffenbalans.variables.balance.contents import declared_else
from openfisca_stoffenbalans.variables.nl.soil_balance.crops import GRAMS_PER_KG
from openfisca_stoffenbalans.variables.nl.soil_balance.fields import (
    LandUse,
    counted,
    given,
    per_field_area,
)
from openfisca_stoffenbalans.variables.nl.soil_balance.supply import FERTILISERS, TYPES, by_type

FACTORS = "nl.emissions.application_ammonia"
REGRESSION = "nl.emissions.mineral_fertiliser_ammonia"
RESIDUES = "nl.emissions.crop_residue_ammonia"
REFERENCE = "nmi-agro/fdm emission/ammonia"
LAST = numpy.datetime64("9999-12-31")
COLUMNS = {"bare": "bare_soil", "cropland": "cropland", "grassland": "grassland"}


def in_fertilisers(column):
    """The coefficient of a product in a column of the fertiliser catalogue; NaN for one that it lacks."""

    def coefficient(law, product):
        listed = product != NONE and PRODUCTS[product].table == FERTILISERS
        return law.number(FERTILISERS, PRODUCTS[product].row, column) if listed else numpy.nan

    coefficient.__name__ = column
    return coefficient


N, NH4, NO3, S, FACTOR = (in_fertilisers(column) for column in ("n", "nh4", "no3", "s", "nh3_ef"))


def share_of_ammonium(law, use, technique):
    """Kg NH3-N per kg ammonium nitrogen of organic fertiliser, by land use and technique; NaN where one is unknown."""
    if technique == NONE or use not in COLUMNS:
        return numpy.nan
    return law.number(FACTORS, technique, COLUMNS[use])


def content(entry, period, parameters, declared, coefficient, of=slice(None)):
    """A content in g/kg of these lines: declared, else the catalogue's."""
    said = entry(declared, period)[of]
    listed = gather(entry, period, parameters, coefficient, entry("application_product", period)[of])
    return declared_else(said, listed)


def regression(law, organic, nitrate, sulphur, ammonium, inhibitor):
    """Share of the nitrogen lost as ammonia by the regression on the contents (g/kg), between 0 and 1."""
    with_, without = (
        law.number(REGRESSION, row, "organic_n_squared") for row in ("with_inhibitor", "without_inhibitor")
    )
    by_nitrate, by_ammonium = (
        law.number(REGRESSION, "without_inhibitor", column) for column in ("nitrate_times_sulphur", "ammonium_squared")
    )
    # Without nitrate the sulphur does not matter, known or not.
    crossed = numpy.where(nitrate == 0, 0, nitrate * sulphur)
    percent = numpy.where(inhibitor, with_, without) * organic**2 + by_nitrate * crossed + by_ammonium * ammonium**2
    return numpy.clip(percent / 100, 0, 1)


def use_on_the_day(entry, period, of):
    """The land use of the field of the spreadings `of` (positions) by the crops that stood on it that day."""
    field = field_of(entry)
    crop, spread = lines(field, "crop"), lines(field, "application")
    day, end = spread("application_date", period)[of], given(crop("crop_end", period), LAST)
    sown, kind = crop("crop_sown", period), crop("nl_crop_land_use", period).view(numpy.ndarray)
    crop_field, spread_field = (field.members_entity_id[role.part] for role in (crop, spread))
    order, counts = numpy.argsort(crop_field, kind="stable"), numpy.bincount(crop_field, minlength=field.count)
    count, first = counts[spread_field[of]], (numpy.cumsum(counts) - counts)[spread_field[of]]
    use = numpy.full(len(day), LandUse.bare.index, dtype=numpy.int16)
    for place in range(int(count.max(initial=0))):
        there = numpy.flatnonzero(place < count)
        row = order[first[there] + place]
        stands = (sown[row] <= day[there]) & (end[row] >= day[there])
        use[there] = numpy.maximum(use[there], numpy.where(stands, kind[row], LandUse.bare.index))
    return use


class nl_application_land_use(Variable):
    value_type = Enum
    possible_values = LandUse
    default_value = LandUse.unknown
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Land use of the field on the day organic fertiliser was spread; unknown without a day and for mineral one"
    reference = f"{REFERENCE}/fertilizers.ts"

    @on("application")
    def formula(entry, period, parameters):
        dated = entry("application_date", period) != numpy.datetime64(NO_DAY)
        organic = entry("nl_application_type", period) != FertiliserType.mineral
        of = numpy.flatnonzero(dated & organic)
        uses = numpy.full(len(dated), LandUse.unknown.index, dtype=numpy.int16)
        uses[of] = use_on_the_day(entry, period, of)
        return uses


class nl_application_ammonium(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Ammonium nitrogen spread: declared content, else the catalogue's"
    reference = f"{REFERENCE}/fertilizers.ts"

    @on("application")
    def formula(entry, period, parameters):
        per_kg = content(entry, period, parameters, "application_nh4_n_g_per_kg", NH4)
        return entry("application_amount_kg", period) * per_kg / GRAMS_PER_KG


class nl_application_organic_ammonia_share(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Share of the ammonium of organic fertiliser that is lost, by land use on the day and technique"
    reference = "NEMA table B18.3"

    @on("application")
    def formula(entry, period, parameters):
        codes = entry("nl_application_land_use", period), entry("application_technique", period)
        return gather(entry, period, parameters, share_of_ammonium, *codes)


class nl_application_mineral_ammonia_share(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Share of the nitrogen of mineral fertiliser that is lost: declared, else the product's, else by regression"
    reference = f"{REFERENCE}/fertilizers.ts"

    @on("application")
    def formula(entry, period, parameters):
        mineral = numpy.flatnonzero(entry("nl_application_type", period) == FertiliserType.mineral)
        said = content(entry, period, parameters, "application_ammonia_factor", FACTOR, mineral)
        share = numpy.full(len(entry("application_amount_kg", period)), numpy.nan)
        share[mineral] = numpy.clip(said, 0, 1)
        of = mineral[numpy.isnan(said)]
        columns = {"n_g": N, "nh4_n_g": NH4, "no3_n_g": NO3, "s_g": S}
        total, ammonium, nitrate, sulphur = (
            content(entry, period, parameters, f"application_{name}_per_kg", listed, of)
            for name, listed in columns.items()
        )
        inhibitor, law = entry("application_urease_inhibitor", period)[of], Law(entry.entry, period, parameters)
        share[of] = regression(law, total - nitrate - ammonium, nitrate, sulphur, ammonium, inhibitor)
        return share


class nl_application_ammonia(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen lost as ammonia from a spreading; 0 where nothing was spread"
    reference = f"{REFERENCE}/fertilizers.ts"

    @on("application")
    def formula(entry, period, parameters):
        nitrogen, ammonium = entry("nl_application_nitrogen", period), entry("nl_application_ammonium", period)
        mineral = nitrogen * entry("nl_application_mineral_ammonia_share", period)
        # What holds no ammonium loses none, however it was spread.
        organic = numpy.where(ammonium == 0, 0, ammonium * entry("nl_application_organic_ammonia_share", period))
        lost = numpy.where(entry("nl_application_type", period) == FertiliserType.mineral, mineral, organic)
        return numpy.where((nitrogen == 0) & ~(ammonium > 0), 0, lost)


class nl_crop_residue_ammonia_share(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Share of the nitrogen of residue left on the field that is lost, by its content"
    reference = f"{REFERENCE}/residues.ts"

    @on("crop")
    def formula(entry, period, parameters):
        law, nitrogen = Law(entry.entry, period, parameters), entry("nl_crop_residue_nitrogen_content", period)
        percent = law.value(f"{RESIDUES}.slope") * nitrogen + law.value(f"{RESIDUES}.intercept")
        return numpy.clip(percent / 100, 0, 1)


class nl_crop_residue_ammonia_yield(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg dry matter/ha"
    label = "Yield that residue left on the field belongs to"
    reference = f"{REFERENCE}/residues.ts"

    @on("crop")
    def formula(entry, period, parameters):
        return entry("nl_crop_residue_yield", period)


class nl_field_ammonia_mineral(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Ammonia from mineral fertiliser spread on a field"
    reference = f"{REFERENCE}/fertilizers.ts"

    def formula(field, period, parameters):
        return by_type(field, period, "nl_application_ammonia", "mineral")


class nl_field_ammonia_manure(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Ammonia from manure spread on a field"
    reference = f"{REFERENCE}/fertilizers.ts"

    def formula(field, period, parameters):
        return by_type(field, period, "nl_application_ammonia", "manure")


class nl_field_ammonia_compost(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Ammonia from compost spread on a field"
    reference = f"{REFERENCE}/fertilizers.ts"

    def formula(field, period, parameters):
        return by_type(field, period, "nl_application_ammonia", "compost")


class nl_field_ammonia_other(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Ammonia from other fertilisers spread on a field"
    reference = f"{REFERENCE}/fertilizers.ts"

    def formula(field, period, parameters):
        return by_type(field, period, "nl_application_ammonia", "other")


class nl_field_ammonia_residues(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Ammonia from crop residues left on a field"
    reference = f"{REFERENCE}/residues.ts"

    def formula(field, period, parameters):
        crop = lines(field, "crop")
        dry_matter = crop("nl_crop_residue_ammonia_yield", period) * crop("nl_crop_residue_per_yield_share", period)
        nitrogen = dry_matter * crop("nl_crop_residue_nitrogen_content", period) / GRAMS_PER_KG
        lost = nitrogen * crop("nl_crop_residue_ammonia_share", period)
        left = crop("crop_residue_left", period) == ResidueLeft.residue_left
        return counted(field, period, per_field_area(field, period, numpy.where(left, lost, 0)))


class nl_field_ammonia(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Ammoniakemissie (nitrogen lost as ammonia on a field)"
    reference = f"{REFERENCE}/index.ts"

    def formula(field, period, parameters):
        return added(field(f"nl_field_ammonia_{kind}", period) for kind in (*TYPES, "residues"))
