"""One line a result on how to read it."""

from __future__ import annotations

from ..result import Result

HOW_TO_READ = {
    "GeoPanel": "The panel and its polygons. Units without a polygon stay in the tables but not on maps.",
    "Classified": (
        "How many units each group has. Regions are those of the National Bureau of Statistics; the stage is that of "
        "the national plan for resource-based cities of 2013."
    ),
    "WeightsResult": (
        "A unit's neighbours are those whose values its spatial lag averages. Look at units without any, and at groups "
        "of units with no link between them, before a model is run."
    ),
    "EfficiencyResult": (
        "A score of 1 marks a unit on the frontier: no unit or mix of units in the reference set does better. "
        "Other scores say how far a unit is from it."
    ),
    "BootstrapResult": (
        "Estimated efficiency is too good, since the true frontier lies beyond the best units of a sample. The "
        "interval holds the true efficiency with the stated confidence; units whose intervals overlap are hard to rank."
    ),
    "ReturnsTestResult": (
        "A small p-value speaks against the null. Constant returns are tested first; where they are rejected, "
        "non-increasing returns are."
    ),
    "OrderMResult": (
        "Efficiency against the best of m units drawn among those that do at least as well: outliers weigh little. "
        "Above 1 a unit does better than expected of m others."
    ),
    "InfluenceResult": (
        "Units with a large leverage shift the scores of many others: check their data before trusting the ranking."
    ),
    "ProductivityResult": (
        "tfpch is growth of productivity from one period to the next: above 1 progress, below 1 regress, or above and "
        "below 0 in an indicator. effch is catching up with the frontier, techch the shift of the frontier."
    ),
    "MalmquistBootstrapResult": (
        "A change is significant where its interval excludes 1. The others may be noise of frontiers that a sample "
        "estimates, and should not be read as progress or regress."
    ),
    "MoranResult": (
        "Moran's I above its expectation means that like values lie together; below, that unlike values do. "
        "Filled points differ from a random pattern at the 5 % level."
    ),
    "LisaResult": (
        "High-High and Low-Low units lie among their like; High-Low and Low-High units stand out from their "
        "neighbours. The map shows where, at the stated level; it does not say why."
    ),
    "GetisOrdResult": (
        "A hot spot is a unit among high values, a cold spot one among low values; unlike LISA it does not mark units "
        "that stand out from their neighbours."
    ),
    "GearyResult": (
        "A small Geary's C, below 1, means that neighbours are alike. Local labels say where they are, and where they "
        "are more unlike than chance would have it (negative)."
    ),
    "LisaTransitionsResult": (
        "Each row says where units of a quadrant were one period later. The steady state is where this would lead if "
        "it went on; it is no forecast. Cohesion is the share of units that stayed in their quadrant."
    ),
    "SpatialMarkovResult": (
        "Large numbers on the diagonal mean that units stay in their class. If tables differ by the class of the "
        "neighbours, as a small p-value says, whether a unit rises goes with where it lies."
    ),
    "EmergingHotSpotsResult": (
        "Each unit is labelled by the history of its hot or cold spots up to the last period, and by whether they grow "
        "stronger or weaker. With a few periods most histories are short: read the counts beside the label."
    ),
    "WeightsSensitivityResult": (
        "Trust clusters that stand under all weights; those that come and go with the choice are no finding."
    ),
    "StabilityResult": (
        "How often a unit carries its label when the scores are drawn anew. Stable clusters would look the same on "
        "another sample's frontier; unstable ones are no finding. The frequency is no probability that a label is true."
    ),
    "FocusResult": (
        "All units were scored together; these are the ones in focus. A filled point marks a period in which the group "
        "differs from all others by more than a group drawn at random would."
    ),
    "RegressionResult": (
        "A coefficient is the change of the outcome that goes with one more unit of the driver, others held fixed; "
        "by itself it shows no cause."
    ),
    "SpatialResult": (
        "In a lag model the coefficients are not yet effects, since neighbours feed back on each other through rho. "
        "In an error model lambda measures what neighbours share beyond the drivers."
    ),
    "SpatialTestsResult": (
        "Each line tests one kind of spatial dependence in the residuals; a small p-value speaks for it. "
        "The robust tests allow for the other kind."
    ),
    "EffectsResult": (
        "The direct effect is what a driver does where it changes, the indirect effect what it does to all others, "
        "summed. Read these and not the coefficients where a model has a spatial lag."
    ),
    "TobitResult": (
        "Coefficients move the latent variable; the marginal effects say what that does to the outcome that is seen."
    ),
    "SecondStageResult": (
        "Distances are 1 and more, and larger where a unit is less efficient: a negative coefficient goes with more "
        "efficiency."
    ),
    "HausmanResult": (
        "A small p-value speaks against random effects, whose estimates are then biased; without one, they are the "
        "sharper."
    ),
    "CrossDependenceResult": "A small p-value says that shocks are shared: errors that ignore this are too small.",
    "RegimesResult": (
        "Each driver has a slope in every group. Whether the slopes differ is for the Chow tests to say, not for one "
        "being significant and another not; where p_wild is given, trust it."
    ),
    "GeodetectorResult": (
        "q is the share of the outcome's variance that lies between the classes of a factor; hold it against the "
        "expected q, which mere chance gives with as many classes. It shows no cause."
    ),
    "WeightsRobustnessResult": (
        "Compare effects, not coefficients: findings that change sign or significance with the weights are no findings."
    ),
    "ComparisonResult": "One column a model, standard errors in parentheses.",
}


def how_to_read(result: Result) -> str:
    """The line for a result's class, or for the nearest class above it; empty where there is none."""
    return next((HOW_TO_READ[kind.__name__] for kind in type(result).__mro__ if kind.__name__ in HOW_TO_READ), "")
