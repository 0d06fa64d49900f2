"""What was derived, or taken from a table that was not in force, in words."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Crop
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import NONE, Law, gather
from openfisca_stoffenbalans.slots import has, lines
from openfisca_stoffenbalans.variables.de.duev.annex_1_excretion import foreign
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_4_permitted_balance import (
    ROW_OF_MATERIAL,
    SPECIES,
    empty_cell,
)
from openfisca_stoffenbalans.variables.de.stoffbilv.section_01_scope import LAST_DAY
from openfisca_stoffenbalans.variables.de.stoffbilv.section_05_removal import is_manure_by_table
from openfisca_stoffenbalans.words import bits, phrases, sentences

CONTENTS = "de.stoffbilv.annex_1_contents"
EXCRETION = "de.duev.annex_1_excretion.table_1"
ROUGHAGE = "de.duev.annex_1_excretion.table_2"
LIMIT = "de.stoffbilv.section_06_assessment.flat_limit"


def empty_for_herd(law, animal, system):
    """1 where table 2 or 3 of annex 4 prints nothing for a herd's species and manure system."""
    if NONE in (animal, system) or foreign(animal):
        return 0
    species = law.cell(SPECIES, animal, "species")
    return empty_cell(law, "table_2", species, system) or empty_cell(law, "table_3", species, system)


def empty_for_application(law, material, form):
    """1 where table 3 of annex 4 prints nothing for a material and form."""
    return NONE not in (material, form) and empty_cell(law, "table_3", ROW_OF_MATERIAL[material], form)


class takes_contents_from_table(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Some content or nitrogen fixation comes from a table of annex 1"
    reference = ["StoffBilV § 4 Abs. 2 Satz 3", "StoffBilV § 5 Abs. 2 Satz 2 Nr. 2"]

    def formula(farm, period, parameters):
        flow = lines(farm, "flow")
        manure = gather(farm, period, parameters, is_manure_by_table, flow("flow_product", period)) > 0
        legumes = lines(farm, "crop")("crop_crop", period).view(numpy.ndarray) > Crop.other.index
        return has(farm, "flow", flow("flow_takes_from_table", period) & ~manure) | has(farm, "crop", legumes)


class converts_phosphorus(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Some phosphorus or phosphate is converted from the other by the factor 0.436"
    reference = "StoffBilV § 3 Abs. 3 Satz 2"

    def formula(farm, period, parameters):
        p, p2o5 = (lines(farm, "flow")(f"flow_{name}_content", period) for name in ("p", "p2o5"))
        return has(farm, "flow", numpy.isnan(p) != numpy.isnan(p2o5))


class stoffbilv_counts_empty_cell(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "A cell of annex 4 table 2 or 3 that is empty in the law counts as 0"
    reference = ["StoffBilV Anlage 4 Tabelle 2", "StoffBilV Anlage 4 Tabelle 3"]

    def formula_2018_01_01(farm, period, parameters):
        herds = [lines(farm, "herd")(f"herd_{name}", period) for name in ("animal", "manure_system")]
        spread = [lines(farm, "application")(f"application_{name}", period) for name in ("material", "form")]
        herd = gather(farm, period, parameters, empty_for_herd, *herds) > 0
        application = gather(farm, period, parameters, empty_for_application, *spread) > 0
        return has(farm, "herd", herd) | has(farm, "application", application)


class derived(Variable):
    value_type = str
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Which values were derived or taken from a table that was not in force"
    reference = ["StoffBilV § 3 Abs. 3", "StoffBilV § 5 Abs. 2 Satz 2", "StoffBilV Anlage 4 Tabelle 1"]

    def formula(farm, period, parameters):
        said = notes(farm, period, Law(farm, period, parameters))
        return sentences(
            farm("farm_year_known", period), (bits(list(said.values())), phrases(list(said), between="; "))
        )


def notes(farm, period, law):
    """What to say -> for which farms it holds."""
    herds, in_force = farm("has_herd", period), farm("stoffbilv_in_force", period)
    manure, contents = farm("uses_manure_by_table", period), farm("takes_contents_from_table", period)
    eaten = (farm("roughage_nitrogen_uptake", period) > 0) & (farm("stoffbilv_annex_4_line_7", period) != 0)
    roughage = eaten & in_force & numpy.isnan(farm("roughage_n_removal_kg", period))
    elsewhere = {path: law.nearest(path) != law.start for path in (CONTENTS, EXCRETION, ROUGHAGE, LIMIT)}
    return {
        f"contents of annex 1 read at {law.nearest(CONTENTS)}, the nearest day in force": contents
        & elsewhere[CONTENTS],
        f"tables of the DüV read at {law.nearest(EXCRETION)}, the nearest day in force": (herds | manure)
        & elsewhere[EXCRETION],
        "contents of manure from excretion, crediting coefficient and volume (section 5(2) no. 1)": manure,
        "phosphorus or phosphate by the factor 0.436 (section 3(3))": farm("converts_phosphorus", period),
        "annex 4 line 5 from excretion, no own application declared": farm("stoffbilv_annex_4_line_5_derived", period),
        f"annex 4 line 7 with the roughage table of {law.nearest(ROUGHAGE)}, out of force": roughage
        & elsewhere[ROUGHAGE],
        "an empty cell of annex 4 table 2 or 3 counted as 0": farm("stoffbilv_counts_empty_cell", period),
        f"headroom with the limit and tolerance of {law.nearest(LIMIT)}, lapsed since": in_force & elsewhere[LIMIT],
    }
