"""German farms: structure, herds, land use, manure for all at once; yields, purchases and sales block by block."""

from openfisca_stoffenbalans.population.de.frame import frame

__all__ = ["frame"]
