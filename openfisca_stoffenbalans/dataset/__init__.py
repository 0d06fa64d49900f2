"""Farm data in: the contract's tables read from CSV, Parquet or XLSX, checked, and typed."""

from openfisca_stoffenbalans.dataset.check import check, read_dataset
from openfisca_stoffenbalans.dataset.messages import (
    MESSAGE_SCHEMA,
    DataError,
    Message,
    Report,
    print_report,
    write_csv,
)
from openfisca_stoffenbalans.dataset.read import RawTable, read_tables
from openfisca_stoffenbalans.dataset.schema import TABLES, Column, DataSet, TableSchema

__all__ = [
    "MESSAGE_SCHEMA",
    "TABLES",
    "Column",
    "DataError",
    "DataSet",
    "Message",
    "RawTable",
    "Report",
    "TableSchema",
    "check",
    "print_report",
    "read_dataset",
    "read_tables",
    "write_csv",
]
