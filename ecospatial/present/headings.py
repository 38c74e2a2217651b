"""The words of tables that are the package's own, so that a reader's language can name them.

Columns and cells that came with the data stay as the user wrote them.
"""

from __future__ import annotations

HEADINGS = (
    *("unit", "period", "term", "test", "boundary", "rule", "status", "label", "quadrant", "value", "lag"),
    *("name", "suggestion_1", "suggestion_2", "suggestion_3", "year", "change", "from", "to", "county"),
    *("score", "efficiency", "efficient", "rank", "peer_unit", "peer_period", "weight"),
    *("units", "mean", "sd", "min", "max", "efficient_share", "grouping", "group", "group_efficiency", "gap_ratio"),
    *("crs", "vrs", "nirs", "scale_efficiency", "returns", "u0", "certified"),
    *("bias", "bias_corrected", "corrected", "sd", "draws", "periods", "critical", "rejected"),
    *("above_one", "peers", "leverage", "threshold", "dependents", "mean_change", "largest_change", "lost"),
    "influential",
    *("neighbours", "neighbour", "weight_sum", "island", "component", "name"),
    *("suggestion_1", "suggestion_2", "suggestion_3"),
    *("tfpch", "effch", "techch", "pech", "sech", "tgch", "previous", "changes"),
    *("component", "progress", "regress"),
    *("tfpch_bias_corrected", "tfpch_lower", "tfpch_upper", "tfpch_significant"),
    *("effch_bias_corrected", "effch_lower", "effch_upper", "effch_significant"),
    *("techch_bias_corrected", "techch_lower", "techch_upper", "techch_significant"),
    *("pech_bias_corrected", "pech_lower", "pech_upper", "pech_significant"),
    *("sech_bias_corrected", "sech_lower", "sech_upper", "sech_significant"),
    *("technology_from", "technology_to", "technology_of", "returns_to_scale", "distance", "beyond", "variable"),
    *("I", "expected", "variance", "z", "z_norm", "p_norm", "z_rand", "p_rand", "p_sim", "q"),
    *("HH", "LL", "LH", "HL", "ns", "isolated", "undefined"),
    *("coefficient", "std_error", "statistic", "df", "pvalue", "null", "stars", "lower", "upper"),
    *("coef.", "s.e.", "observed", "fitted", "residual"),
    *("OLS", "Spatial lag", "Spatial error"),
)
# What cells say, by column: elsewhere the same text may be a name of the user's.
CELLS = {
    "component": ("tfpch", "effch", "techch", "pech", "sech"),
    "efficient": ("yes", "no"),
    "island": ("yes", "no"),
    "label": ("HH", "LL", "LH", "HL", "ns", "isolated", "undefined"),
    "quadrant": ("HH", "LL", "LH", "HL"),
    "returns": ("constant", "increasing", "decreasing"),
    "change": ("merged", "split", "separated", "county moved"),
    "rule": (
        *("exact", "normalised", "code", "code of another year", "name", "name without suffix"),
        *("name of another year", "pinyin", "correction", "left alone", "unmatched"),
        *("merged", "merged away", "split", "no polygon"),
    ),
    "status": (
        *("optimal", "repaired", "infeasible", "unbounded", "uncertain", "too few draws", "estimated"),
        *("ok", "constant", "too few units", "no links"),
    ),
    "term": ("Intercept", "Dependent variable", "Observations", "Log-likelihood"),
    "test": (
        *("Jarque–Bera", "Breusch–Pagan", "Breusch–Pagan (Koenker)", "Condition number"),
        *("LM error", "LM lag", "Robust LM error", "Robust LM lag", "LM SARMA", "Moran's I of the residuals"),
        *("Likelihood ratio", "Wald", "LM of the residuals"),
    ),
    "null": (
        "returns to scale are constant everywhere",
        "returns to scale are non-increasing everywhere",
        "the errors are normal",
        "the error variance does not depend on the drivers",
        "the error variance does not depend on the drivers, given normal errors",
        "no test; above 30 collinearity inflates the standard errors",
        "no test; above 10 collinearity inflates the standard errors",
        "no spatial error (lambda = 0)",
        "no spatial lag (rho = 0)",
        "no spatial error, a spatial lag allowed for",
        "no spatial lag, a spatial error allowed for",
        "neither spatial lag nor spatial error (rho = lambda = 0)",
        "the residuals are not spatially autocorrelated",
        "rho = 0: OLS suffices",
        "lambda = 0: OLS suffices",
        "no spatial error is left in the residuals",
    ),
}
