"""What grows on fields."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import CROPS, Rotation
from openfisca_stoffenbalans.entities import Entry
from openfisca_stoffenbalans.lookup import gather
from openfisca_stoffenbalans.slots import on

CATALOGUE = "nl.nmi.crops"


def rotation(law, crop):
    """Position in Rotation of the catalogue's rotation group; none for a crop that the catalogue lacks."""
    listed = crop in CROPS and CROPS[crop].table == CATALOGUE
    name = law.text(CATALOGUE, CROPS[crop].row, "rotation") if listed else None
    return Rotation[name or "none"].index


class nl_crop_rotation(Variable):
    value_type = Enum
    possible_values = Rotation
    default_value = Rotation.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "What a crop is in the rotation: as declared, else by the catalogue"
    reference = "nmi-agro/fdm@9bf23bb fdm-data brp.json (Nutriënten Management Instituut, MIT)"

    @on("crop")
    def formula(entry, period, parameters):
        declared = entry("crop_rotation", period)
        listed = gather(entry, period, parameters, rotation, entry("crop_crop", period)).astype(numpy.int16)
        return numpy.where(declared == Rotation.none, listed, declared)
