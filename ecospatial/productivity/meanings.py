"""What each component says under the chosen reference and decomposition."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import Message

_GROWTH = {
    "contemporaneous": "growth of productivity, the mean over the technologies of the two periods",
    "sequential": "growth of productivity, the mean over the technologies of all periods up to each of the two",
    "global": "growth of productivity against the technology of all periods; it is circular",
    "biennial": "growth of productivity against the technology that the two periods make together",
}
_SHIFT = {
    "contemporaneous": "technical change: shift of the frontier where the unit produces",
    "sequential": "technical change: shift of the frontier where the unit produces; it never turns back",
    "global": "change of the best-practice gap: how near the period's frontier is to that of all periods",
    "biennial": "change of the best-practice gap: how near the period's frontier is to that of the two periods",
}
_COMPONENTS = {
    "fgnz": {
        "effch": "catching up with the frontier of constant returns; pech × sech",
        "pech": "catching up with the frontier of variable returns",
        "sech": "change of scale efficiency, each period by its own frontiers",
    },
    "ray-desli": {
        "effch": "pech × sech; not the catching up with one frontier",
        "pech": "catching up with the frontier of variable returns",
        "sech": "change of scale efficiency against the technologies of tfpch: tfpch under constant over that under "
        "variable returns",
    },
    "none": {"effch": "catching up with the own period's frontier"},
    "meta-frontier": {
        "effch": "catching up with the frontier of the own group",
        "tgch": "change of the technology gap: how near the group's technology is to that of all groups",
    },
}


def meanings(reference: str, decomposition: str) -> Mapping[str, Message]:
    """One sentence for each component.

    Examples
    --------
    >>> print(meanings("global", "fgnz")["techch"])
    change of the best-practice gap: how near the period's frontier is to that of all periods
    """
    shift = Message.of(_SHIFT[reference])
    if decomposition == "ray-desli":
        shift = Message.of("{meaning}, under variable returns", meaning=shift)
    if decomposition == "meta-frontier":
        shift = Message.of("{meaning}, within the group", meaning=shift)
    parts = {name: Message.of(_COMPONENTS[decomposition][name]) for name in _COMPONENTS[decomposition]}
    return {"tfpch": Message.of(_GROWTH[reference]), "effch": parts.pop("effch"), "techch": shift, **parts}
