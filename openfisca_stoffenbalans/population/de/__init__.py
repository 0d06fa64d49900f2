"""German farms: structure, herds, land use, manure for all at once; yields, purchases and sales block by block."""

from openfisca_stoffenbalans.population.de.frame import frame
from openfisca_stoffenbalans.population.de.tables import lines

__all__ = ["frame", "lines"]
