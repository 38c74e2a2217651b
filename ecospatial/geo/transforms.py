"""Transforms of a weights matrix: what its rows are made to sum to."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import eigs

from ..errors import DataError, OptionError

Transform = Literal["row", "binary", "spectral", "none"]

DENSE = 1000  # up to this many units all eigenvalues come faster than the iteration for one


def transformed(matrix: sparse.csr_matrix, transform: Transform) -> sparse.csr_matrix:
    """Apply a transform by name.

    Raises
    ------
    OptionError
        Where there is none of that name.

    Examples
    --------
    >>> transformed(sparse.csr_matrix([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), "row").toarray()
    array([[0. , 0.5, 0.5],
           [1. , 0. , 0. ],
           [0. , 0. , 0. ]])
    """
    if transform == "row":
        return row_standardised(matrix)
    if transform == "spectral":
        return spectrally_scaled(matrix)
    if transform == "binary":
        return _with_data(matrix, np.ones_like(matrix.data))
    if transform == "none":
        return matrix
    raise OptionError(
        "transform={value} is not a choice; choose one of: row, binary, spectral, none", value=repr(transform)
    )


def row_standardised(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows that sum to one; the rows of islands stay empty."""
    sums = np.asarray(matrix.sum(axis=1)).ravel()
    return _with_data(matrix, matrix.data / np.repeat(sums, np.diff(matrix.indptr)))


def spectrally_scaled(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Divide by the largest absolute eigenvalue (Kelejian and Prucha 2010, J. Econometrics 157).

    Raises
    ------
    DataError
        Where links lead nowhere back, so that all eigenvalues are zero.
    """
    if matrix.nnz == 0:
        return matrix
    if matrix.shape[0] <= DENSE:
        radius = float(np.abs(np.linalg.eigvals(matrix.toarray())).max())
    else:
        start = np.ones(matrix.shape[0])  # a fixed start, or the last digits differ from run to run
        radius = float(np.abs(eigs(matrix, k=1, which="LM", v0=start, return_eigenvectors=False)).max())
    if radius <= 1e-12 * matrix.data.max():
        raise DataError("All eigenvalues of the weights are zero: no chain of links leads back; use transform='row'.")
    return _with_data(matrix, matrix.data / radius)


def recognised(matrix: sparse.csr_matrix) -> Transform:
    """The transform that weights made elsewhere already have, as far as it shows."""
    sums = np.asarray(matrix.sum(axis=1)).ravel()
    if np.allclose(sums[sums > 0], 1.0):
        return "row"
    return "binary" if (matrix.data == 1).all() else "none"


def _with_data(matrix: sparse.csr_matrix, data: np.ndarray) -> sparse.csr_matrix:
    return sparse.csr_matrix((data, matrix.indices, matrix.indptr), shape=matrix.shape)
