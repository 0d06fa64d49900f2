"""Contents by the law's tables, also where a label or an analysis says something else."""

import numpy

from openfisca_stoffenbalans.codes import Direction
from openfisca_stoffenbalans.layers import layer
from openfisca_stoffenbalans.lookup import gather
from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_1_contents import nitrogen, phosphate, phosphorus


def by_table(entry, period, parameters, content):
    """Kilograms of a nutrient by the tables alone; missing (NaN) for a product, unit or content that none has."""
    counted = gather(entry, period, parameters, content, entry("flow_product", period))
    kg = entry("flow_table_amount", period) * counted
    return numpy.where(entry("flow_direction", period) == Direction.none, numpy.nan, kg)


def table_first(content):
    """The table's kilograms of a nutrient before those of the law."""

    def change(before, entry, period, parameters):
        kg = by_table(entry, period, parameters, content)
        return numpy.where(numpy.isnan(kg), before, kg)

    return change


def lacking(entry, period, parameters, content):
    """Where the tables do not say how much of a nutrient an amount holds."""
    return numpy.isnan(by_table(entry, period, parameters, content))


def no_nitrogen_in_table(before, entry, period, parameters):
    """Only where the tables lack nitrogen."""
    return before & lacking(entry, period, parameters, nitrogen)


def no_phosphorus_in_table(before, entry, period, parameters):
    """Only where the tables lack phosphorus or phosphate."""
    p, p2o5 = (lacking(entry, period, parameters, content) for content in (phosphorus, phosphate))
    return before & (p | p2o5)


def takes_from_table(before, entry, period, parameters):
    """Whether an amount that counts has a content in a table, declared or not."""
    n, p = (lacking(entry, period, parameters, content) for content in (nitrogen, phosphorus))
    return before | (~(n & p) & (entry("flow_group", period) > 0))


class table_contents_only(LawReform):
    """Contents that no table lists, of mineral fertiliser for instance, stay declared."""

    label = "Declared contents are ignored where a table of the law has the product's content"
    reference = "StoffBilV § 4 Abs. 2 Satz 2"
    status = "inferred"
    source = "simplification asked for by the Dutch Actieagenda Stoffenbalans, action 12; its form here is inferred"

    def change(self):
        layer(self, "flow_nitrogen", table_first(nitrogen), label="Nitrogen by table, else as declared")
        layer(self, "flow_phosphorus", table_first(phosphorus), label="Phosphorus by table, else as declared")
        layer(self, "flow_phosphate", table_first(phosphate), label="Phosphate by table, else as declared")
        layer(self, "flow_takes_from_table", takes_from_table)
        layer(self, "flow_n_content_needed", no_nitrogen_in_table)
        layer(self, "flow_p_content_needed", no_phosphorus_in_table)
        layer(self, "flow_p2o5_content_needed", no_phosphorus_in_table)
