"""A result as LaTeX tables in the booktabs manner."""

from __future__ import annotations

from pathlib import Path

from ..result import Result
from .language import Words
from .reading import ReadingTable, reading_tables

PREAMBLE = "% Needs \\usepackage{booktabs}; with Chinese names also \\usepackage{ctex} and XeLaTeX or LuaLaTeX.\n"
SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"$<$",
    ">": r"$>$",
    "–": "--",
    "−": "$-$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "×": r"$\times$",
    "²": r"$^2$",
    "∞": r"$\infty$",
    "→": r"$\rightarrow$",
}
GREEK = {
    **{"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "η": "eta", "θ": "theta", "λ": "lambda"},
    **{"μ": "mu", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega"},
}


def save_latex(result: Result, path: Path, table: str | None = None) -> None:
    """Write all tables (or one); facts and notes stand below the first."""
    words = Words()
    lines = [f"{words(name)}: {words(value)}." for name, value in result.facts().items()]
    lines += [words.message(note) for note in result.notes]
    contents = [content for _, content in reading_tables(result, words, table)]
    tables = [latex_table(content, [] if place else lines) for place, content in enumerate(contents)]
    path.write_bytes((PREAMBLE + "\n".join(tables)).encode())


def latex_table(table: ReadingTable, notes: list[str]) -> str:
    """One ``table`` environment."""
    columns = "".join("r" if number else "l" for number in table.numeric)
    below = [escape(text) for text in ([table.remark] if table.remark else []) + notes]
    return "\n".join(
        [
            r"\begin{table}[htbp]",
            r"\centering",
            rf"\caption{{{escape(table.title)}}}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            _row(table.header),
            r"\midrule",
            *(_row(row) for row in table.rows),
            r"\bottomrule",
            r"\end{tabular}",
            *([rf"\par\smallskip\parbox{{0.9\linewidth}}{{\footnotesize {' '.join(below)}}}"] if below else []),
            r"\end{table}",
            "",
        ]
    )


def escape(text: str) -> str:
    r"""Text that LaTeX prints as it is.

    Examples
    --------
    >>> print(escape("R&D_share < 5 %"))
    R\&D\_share $<$ 5 \%
    """
    return "".join(_letter(letter) for letter in text)


def _letter(letter: str) -> str:
    return rf"$\{GREEK[letter]}$" if letter in GREEK else SPECIAL.get(letter, letter)


def _row(cells: tuple[str, ...]) -> str:
    return " & ".join(escape(cell) for cell in cells) + r" \\"
