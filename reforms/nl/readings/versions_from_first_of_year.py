"""When a text holds that was seen some days after the first of January: from the first of January."""

from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.tables import leaves

# The day on which a text was seen, and the first day of its year.
SEEN = {"2011-03-04": "2011-01-01", "2015-01-06": "2015-01-01"}
PATHS = (
    "nl.manure_regulation.annex_d_table_1_excretion",
    "nl.manure_regulation.annex_d_table_2_dairy_excretion",
    "nl.manure_regulation.annex_d_table_3_animals",
    "nl.manure_regulation.annex_d_table_3_animals_per_head",
    "nl.manure_regulation.annex_d_table_4_eggs",
    "nl.manure_regulation.annex_i_manure",
    "nl.manure_regulation.annex_j_feed",
    "nl.manure_act.animal_manure_limit",
    "nl.manure_act.derogation.grassland_share",
)


class versions_from_first_of_year(LawReform):
    """The days on which texts were seen are not proven to be the first of legal effect."""

    label = "Texts seen on 4 March 2011 and 6 January 2015 hold from the first of January of their year"
    reference = "Uitvoeringsregeling Meststoffenwet bijlage D; Uitvoeringsregeling Meststoffenwet art. 24"

    def change(self):
        for leaf in (leaf for path in PATHS for leaf in leaves(self.parameter(path))):
            for value in leaf.values_list:
                value.instant_str = SEEN.get(value.instant_str, value.instant_str)
