"""Rows as a pandas table or a parquet file: typed columns, also where there are no rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from vprog.errors import PackageMissingError

if TYPE_CHECKING:
    import pandas

Kind = Literal["text", "number", "integer", "flag"]
_ARROW: dict[Kind, str] = {
    "text": "string",
    "number": "float64",
    "integer": "int64",
    "flag": "bool_",
}
_PANDAS: dict[Kind, str] = {
    "text": "object", "number": "float64", "integer": "Int64", "flag": "boolean",
}  # fmt: skip


def pandas_table(
    rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Kind]
) -> pandas.DataFrame:
    """Rows as a DataFrame with these columns.

    Raises:
        PackageMissingError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise PackageMissingError(
            "to_pandas needs pandas, which is not installed.", hint='Run: pip install "pandas"'
        ) from error
    return pandas.DataFrame(
        {
            name: pandas.Series([row[name] for row in rows], dtype=_PANDAS[kind])
            for name, kind in columns.items()
        }
    )


def write_table(
    rows: Sequence[Mapping[str, Any]],
    columns: Mapping[str, Kind],
    path: str | Path,
    about: Mapping[str, str],
) -> None:
    """Rows with these columns as a parquet file.

    Args:
        rows: what it holds; None for what is missing.
        columns: their kinds, in their order.
        path: where it is written.
        about: what stands in the file's metadata.

    Raises:
        PackageMissingError: pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise PackageMissingError(
            "parquet needs pyarrow, which is not installed.",
            hint='Run: pip install "vprog[parquet]"',
        ) from error
    fields = [(name, getattr(pyarrow, _ARROW[kind])()) for name, kind in columns.items()]
    schema = pyarrow.schema(fields, metadata=dict(about))
    parquet.write_table(pyarrow.Table.from_pylist(list(rows), schema=schema), str(path))
