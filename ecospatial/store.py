"""The ``.eco`` file: a zip of JSON, CSV and NumPy arrays, never pickle.

``object.json`` is a tree; tables and arrays stand beside it as members and the tree names them. Only
frozen dataclasses of this package are written and read.
"""

from __future__ import annotations

import dataclasses
import importlib
import io
import json
import math
import os
import zipfile
from collections.abc import Mapping
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from .errors import FileError
from .files import whole
from .made_from import MADE_FROM, marked, parts_of

T = TypeVar("T")
FORMAT = 1
_PACKAGE = __name__.rpartition(".")[0]
_DAMAGE = (
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    ImportError,
    IsADirectoryError,
    EOFError,
)
_EPOCH = (1980, 1, 1, 0, 0, 0)


def store_object(value: object, path: str | os.PathLike[str]) -> None:
    """Write a frozen dataclass of this package to one file, whole or not at all.

    Parameters
    ----------
    value : object
        A result, panel, weights or boundaries.
    path : path-like
        Target, by custom ``.eco``.
    """
    members: dict[str, bytes] = {}
    tree = {"format": FORMAT, "object": _pack(value, members)}
    members["object.json"] = json.dumps(tree, ensure_ascii=False, indent=1).encode()
    with whole(path) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), members[name], zipfile.ZIP_DEFLATED)


def load_object(path: str | os.PathLike[str], kind: type[T]) -> T:
    """Read what :func:`store_object` wrote.

    Raises
    ------
    FileError
        Where the file is missing, damaged, of a newer format, or holds another kind of object.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            tree = json.loads(archive.read("object.json"))
            if tree["format"] > FORMAT:
                raise FileError("'{path}' was written by a newer version; update the package.", path=path)
            value = _unpack(tree["object"], archive)
    except FileNotFoundError as error:
        raise FileError("The file '{path}' does not exist.", path=path) from error
    except _DAMAGE as error:
        raise FileError("'{path}' is not a stored result or is damaged.", path=path) from error
    if not isinstance(value, kind):
        raise FileError(
            "'{path}' holds a {found}, but this needs a {wanted}.",
            path=path,
            found=type(value).__name__,
            wanted=kind.__name__,
        )
    return value


def _pack(value: Any, members: dict[str, bytes]) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else {"#": "float", "text": repr(float(value))}
    if isinstance(value, (list, tuple)):
        return {"#": "tuple", "items": [_pack(item, members) for item in value]}
    if isinstance(value, Mapping):
        pairs = [[_pack(key, members), _pack(item, members)] for key, item in value.items()]
        return {"#": "dict", "items": pairs}
    if isinstance(value, (np.ndarray, pd.DataFrame, pd.Series, pd.Index)):
        return _pack_block(value, members)
    if sparse.issparse(value):
        matrix = sparse.csr_matrix(value)
        parts = [_pack(part, members) for part in (matrix.data, matrix.indices, matrix.indptr)]
        return {"#": "csr", "shape": list(matrix.shape), "parts": parts}
    if dataclasses.is_dataclass(value) and type(value).__module__.startswith(_PACKAGE + "."):
        fields = {field.name: _pack(getattr(value, field.name), members) for field in dataclasses.fields(value)}
        place = type(value).__module__.removeprefix(f"{_PACKAGE}.")
        return {"#": "object", "class": f"{place}:{type(value).__qualname__}", "fields": fields}
    raise TypeError(f"a {type(value).__name__} cannot be stored")


def _pack_block(value: Any, members: dict[str, bytes]) -> dict[str, Any]:
    if isinstance(value, pd.Series):
        name, parts = _pack(value.name, members), list(parts_of(value))
        return {"#": "series", "name": name, "frame": _pack(value.to_frame("value"), members), MADE_FROM: parts}
    if isinstance(value, pd.MultiIndex):
        levels = [_pack_array(np.asarray(value.get_level_values(i)), members) for i in range(value.nlevels)]
        return {"#": "multiindex", "names": list(value.names), "levels": levels}
    if isinstance(value, pd.RangeIndex):
        return {"#": "range", "name": _pack(value.name, members), "bounds": [value.start, value.stop, value.step]}
    if isinstance(value, pd.Index):
        return {"#": "index", "name": _pack(value.name, members), "values": _pack_array(np.asarray(value), members)}
    if isinstance(value, pd.DataFrame):
        return _pack_frame(value, members)
    return _pack_array(value, members)


def _pack_array(array: np.ndarray, members: dict[str, bytes]) -> dict[str, Any]:
    if array.dtype.kind in "OU" and array.size and all(isinstance(item, shapely.Geometry) for item in array.ravel()):
        blobs = [shapely.to_wkb(item) for item in array]
        ends = np.cumsum([len(blob) for blob in blobs], dtype=np.int64)
        data = np.frombuffer(b"".join(blobs), dtype=np.uint8)
        return {"#": "geometry", "ends": _pack_array(ends, members), "data": _pack_array(data, members)}
    if array.dtype.kind in "OUT":
        return {"#": "objects", "items": [_pack(_plain(item), members) for item in array.ravel()]}
    name = f"arrays/{len(members):04d}.npy"
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    members[name] = buffer.getvalue()
    return {"#": "array", "member": name}


def _plain(item: Any) -> Any:
    """A cell as JSON can hold it; dates and other rare kinds become text."""
    if item is None or item is pd.NA or item is pd.NaT:
        return None
    return item if isinstance(item, (bool, str, int, float, np.integer, np.floating)) else str(item)


def _pack_frame(frame: pd.DataFrame, members: dict[str, bytes]) -> dict[str, Any]:
    frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    kinds = {name: _kind(frame[name]) for name in frame.columns}
    mixed = {
        name: _pack_array(np.asarray(frame[name], dtype=object), members) for name in kinds if kinds[name] == "mixed"
    }
    absent = {name: np.flatnonzero(frame[name].isna()).tolist() for name in kinds if kinds[name] == "text"}
    cells = pd.DataFrame({name: _cells(frame[name], kind) for name, kind in kinds.items()}, dtype=object)
    name = f"tables/{len(members):04d}.csv"
    members[name] = cells.to_csv(index=False, lineterminator="\n").encode()
    index = _pack_block(frame.index, members)
    return {"#": "frame", "member": name, "kinds": kinds, "mixed": mixed, "absent": absent, "index": index}


def _cells(column: pd.Series, kind: str) -> list[str]:
    if kind == "float64":
        return [repr(float(cell)) for cell in column.to_numpy(dtype=float, na_value=np.nan)]
    return ["" if kind == "mixed" else str(cell) for cell in column]


def _kind(column: pd.Series) -> str:
    absent = bool(column.isna().any())
    if pd.api.types.is_bool_dtype(column):
        return "mixed" if absent else "bool"
    if pd.api.types.is_integer_dtype(column):
        return "mixed" if absent or pd.api.types.is_unsigned_integer_dtype(column) else "int64"
    if pd.api.types.is_float_dtype(column):
        return "float64"
    plain = all(isinstance(cell, str) and "\r" not in cell for cell in column.dropna())
    return "text" if plain else "mixed"


def _unpack(tree: Any, archive: zipfile.ZipFile) -> Any:
    if not isinstance(tree, dict):
        return tree
    kind = tree["#"]
    if kind == "float":
        return float(tree["text"])
    if kind == "tuple":
        return tuple(_unpack(item, archive) for item in tree["items"])
    if kind == "dict":
        return {_unpack(key, archive): _unpack(item, archive) for key, item in tree["items"]}
    if kind == "csr":
        data, indices, pointers = (_unpack(part, archive) for part in tree["parts"])
        return sparse.csr_matrix((data, indices, pointers), shape=tuple(tree["shape"]))
    if kind == "object":
        return _unpack_object(tree, archive)
    return _unpack_block(tree, archive)


def _unpack_block(tree: dict[str, Any], archive: zipfile.ZipFile) -> Any:
    kind = tree["#"]
    if kind == "array":
        return np.load(io.BytesIO(archive.read(tree["member"])), allow_pickle=False)
    if kind == "objects":
        items = np.empty(len(tree["items"]), dtype=object)
        items[:] = [_unpack(item, archive) for item in tree["items"]]
        return items
    if kind == "geometry":
        return _unpack_geometry(tree, archive)
    if kind == "range":
        return pd.RangeIndex(*tree["bounds"], name=_unpack(tree["name"], archive))
    if kind == "index":
        return pd.Index(_unpack(tree["values"], archive), name=_unpack(tree["name"], archive))
    if kind == "multiindex":
        levels = [_unpack(level, archive) for level in tree["levels"]]
        return pd.MultiIndex.from_arrays(levels, names=tree["names"])
    if kind == "series":
        series = _unpack(tree["frame"], archive)["value"].rename(_unpack(tree["name"], archive))
        return marked(series, tree.get(MADE_FROM, ()))
    if kind == "frame":
        return _unpack_frame(tree, archive)
    raise ValueError(kind)


def _unpack_geometry(tree: dict[str, Any], archive: zipfile.ZipFile) -> np.ndarray:
    ends = _unpack(tree["ends"], archive)
    data = _unpack(tree["data"], archive).tobytes()
    starts = np.concatenate([[0], ends[:-1]])
    shapes = np.empty(len(ends), dtype=object)
    shapes[:] = [shapely.from_wkb(data[start:end]) for start, end in zip(starts, ends, strict=True)]
    return shapes


def _unpack_frame(tree: dict[str, Any], archive: zipfile.ZipFile) -> pd.DataFrame:
    index = _unpack(tree["index"], archive)
    kinds: dict[str, str] = tree["kinds"]
    if not kinds or len(index) == 0:
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in kinds}, index=index)
    text = io.BytesIO(archive.read(tree["member"]))
    frame = pd.read_csv(text, dtype=str, keep_default_na=False, skip_blank_lines=False)
    columns = {name: _typed(frame[name], kind) for name, kind in kinds.items()}
    for name, block in tree["mixed"].items():
        columns[name] = _unpack(block, archive)
    for name, rows in tree["absent"].items():
        columns[name][rows] = None
    return pd.DataFrame(columns).set_axis(index, axis=0)


def _typed(column: pd.Series, kind: str) -> Any:
    if kind == "bool":
        return (column == "True").to_numpy()
    if kind == "int64":
        return column.astype("int64").to_numpy()
    if kind == "float64":
        return np.array([float(cell) for cell in column])
    return np.array(column, dtype=object)


def _unpack_object(tree: dict[str, Any], archive: zipfile.ZipFile) -> Any:
    place, _, name = tree["class"].partition(":")
    if not all(part.isidentifier() for part in (*place.split("."), name)):
        raise ValueError(tree["class"])
    found = getattr(importlib.import_module(f"{_PACKAGE}.{place}"), name)
    if not (isinstance(found, type) and dataclasses.is_dataclass(found)):
        raise ValueError(tree["class"])
    fields = {field: _unpack(item, archive) for field, item in tree["fields"].items()}
    value = object.__new__(found)
    for field in dataclasses.fields(cast(Any, found)):
        object.__setattr__(value, field.name, fields[field.name])
    return value
