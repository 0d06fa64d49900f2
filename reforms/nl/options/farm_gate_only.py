"""The farm gate alone: nothing that happens on the fields is asked for."""

from openfisca_stoffenbalans.reform import LawReform


class farm_gate_only(LawReform):
    """Deposition, mineralisation and all of the soil balance are left out; fixation stays."""

    label = "Targets are set for the nitrogen surplus at the farm gate: flows, stocks and fixation alone"
    reference = "Actieagenda Stoffenbalans, action 12"
    status = "inferred"
    source = (
        "simplification named by the Actieagenda Stoffenbalans, action 12 (farm-gate only); its form here is inferred"
    )

    def change(self):
        for value in self.parameter("nl.targets.indicator").values_list:
            value.value = "farm_gate_nitrogen_surplus"
