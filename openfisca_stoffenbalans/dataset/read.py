"""Tables of a data set as they stand in their files: CSV, Parquet, or the sheets of an XLSX workbook."""

from __future__ import annotations

import csv
import io
import logging
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl

from openfisca_stoffenbalans.dataset.codes_in_parquet import read_parquet
from openfisca_stoffenbalans.dataset.messages import DataError, Message, file_message, unreadable
from openfisca_stoffenbalans.dataset.schema import TABLES

SUFFIXES = (".csv", ".parquet")
MOST_UNPACKED_BYTES = 1 << 30
CHUNK = 1 << 20
TOP_ROWS = 4096
# Longer than any single cell element that the search below must see whole (Excel holds 32,767 characters a cell).
LONGEST_CELL = 1 << 18
COMMA_CSV = "comma-separated CSV in UTF-8 with a decimal point and ISO dates"
FOLDER = "a folder with farms.csv or farms.parquet, or an .xlsx workbook with a sheet farms"

CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^>/])?>(.*?)</(?:\w+:)?c>", re.DOTALL)
FORMULA = re.compile(rb"<(?:\w+:)?f\b")
BROKEN = (
    zipfile.BadZipFile, zlib.error, ElementTree.ParseError, KeyError, OSError, struct.error, ValueError,
    NotImplementedError, RuntimeError, EOFError,
)  # fmt: skip
VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)</")


@dataclass(frozen=True)
class RawTable:
    """One table as read, unchecked.

    `frame`: CSV and XLSX with every cell as text (null: empty), Parquet with its own types; `text`: cells are text;
    `lines`: line of each row in the file where that is not simply row + 2; `problems`: what kept the file from being
    read, then `frame` is empty.
    """

    name: str
    file: str
    frame: pl.DataFrame = field(default_factory=pl.DataFrame)
    text: bool = False
    lines: pl.Series | None = None
    problems: tuple[Message, ...] = ()

    def rows(self, index: pl.Series) -> pl.Series:
        """What messages call the rows at these positions: a line number, or the row of a Parquet file."""
        if self.lines is not None:
            return self.lines.gather(index).cast(pl.Int64)
        return index.cast(pl.Int64) + (2 if self.text else 1)


class FormError(Exception):
    """A file that is no table: message, what is allowed, and the line where that is known."""

    def __init__(self, message: str, allowed: str = COMMA_CSV, line: int | None = None) -> None:
        super().__init__(message)
        self.allowed = allowed
        self.line = line


def read_tables(path: Path) -> dict[str, RawTable]:
    """The tables of a folder (CSV, Parquet, both) or an XLSX workbook, by name in contract order.

    Files and sheets with other names are ignored. What is wrong with one file stands in its `problems`. Raises
    DataError when the path can't be opened at all.
    """
    path = Path(path)
    if path.is_dir():
        return _read_folder(path)
    if not path.exists():
        raise unreadable(str(path), "no such folder or file", FOLDER)
    if path.suffix.lower() != ".xlsx":
        raise unreadable(str(path), "neither a folder nor an .xlsx workbook", FOLDER)
    try:
        return _read_workbook(path)
    except FormError as error:
        raise unreadable(str(path), str(error), error.allowed) from None


def _read_folder(folder: Path) -> dict[str, RawTable]:
    found: dict[str, RawTable] = {}
    for name in TABLES:
        files = [file for suffix in SUFFIXES if (file := folder / f"{name}{suffix}").is_file()]
        if len(files) > 1:
            both = " and ".join(file.name for file in files)
            problem = file_message(files[0].name, f"the table is there twice, as {both}", "one file per table")
            found[name] = RawTable(name, files[0].name, problems=(problem,))
        elif files:
            found[name] = _read_file(name, files[0])
    return found


def _read_file(name: str, file: Path) -> RawTable:
    try:
        if file.suffix == ".csv":
            return _read_csv(name, file)
        return RawTable(name, file.name, read_parquet(TABLES[name], file))
    except FormError as error:
        problem = file_message(file.name, str(error), error.allowed, error.line)
    except (pl.exceptions.PolarsError, OSError, pl.exceptions.PanicException) as error:
        problem = file_message(file.name, f"can't be read: {_first_line(error)}", "a whole file that may be read")
    return RawTable(name, file.name, problems=(problem,))


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


# CSV


def _read_csv(name: str, file: Path) -> RawTable:
    data = file.read_bytes().removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        return RawTable(name, file.name, text=True)
    try:
        header = _header(data)
    except UnicodeDecodeError:
        _check_encoding(data)
        raise
    try:
        text = dict.fromkeys(header, pl.String)
        frame = pl.read_csv(io.BytesIO(data), has_header=False, skip_rows=1, schema=text, raise_if_empty=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        _check_encoding(data)
        _check_rows(data, header)
        raise FormError(f"can't be read: {_first_line(error)}") from None
    # polars fills rows that are too short with empty cells.
    if frame.height and frame[header[-1]].null_count() and not _is_plain(data, header, frame):
        _check_rows(data, header)
    lines = None
    if data.count(b"\n") + (not data.endswith(b"\n")) != frame.height + 1:
        lines = pl.Series([line for line, _ in _records(data)][1:], dtype=pl.Int64)
        if len(lines) != frame.height:
            raise FormError("quotation marks don't match")
    return _without_blank_rows(RawTable(name, file.name, _named(frame), text=True, lines=lines))


def _check_encoding(data: bytes) -> None:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormError(f"is not UTF-8 text (byte 0x{data[error.start]:02x})", COMMA_CSV, line) from None


def _records(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of each record, with Python's exact reader: slow, for what the fast one can't tell."""
    reader = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise FormError(f"can't be read: {error}", COMMA_CSV, line) from None


def _header(data: bytes) -> list[str]:
    _, header = next(_records(data.split(b"\n", 1)[0].rstrip(b"\r") + b"\n"))
    if not header:
        raise FormError("the first line is empty, it must hold the column names", COMMA_CSV, 1)
    for sign, word in ((";", "semicolon"), ("\t", "tab")):
        if len(header) == 1 and sign in header[0]:
            raise FormError(f"looks {word}-separated; save it as {COMMA_CSV}")
    _check_names(header, 1)
    return [column or f"\0{place}" for place, column in enumerate(header)]


def _check_names(header: list[str], line: int | None = None) -> None:
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        raise FormError(f"column name{'s' if len(twice) > 1 else ''} used twice: {', '.join(twice)}", "each once", line)


def _is_plain(data: bytes, header: list[str], frame: pl.DataFrame) -> bool:
    """Whether every row has as many commas as the header, told without reading rows one by one."""
    return b'"' not in data and data.count(b",") == (len(header) - 1) * (frame.height + 1)


def _check_rows(data: bytes, header: list[str]) -> None:
    for line, cells in _records(data):
        # An empty line holds no row.
        if cells and len(cells) != len(header):
            hint = "; numbers with a decimal comma?" if len(cells) > len(header) else ""
            raise FormError(f"has {len(cells)} cells, the header has {len(header)}{hint}", COMMA_CSV, line)


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    """Without columns that have neither name nor cells, as spreadsheets leave them on the right."""
    for column in [name for name in frame.columns if name.startswith(("\0", "__UNNAMED__"))]:
        if frame[column].null_count() < frame.height:
            place = frame.columns.index(column) + 1
            raise FormError(f"column {place} has cells but no name in the header", "a name for each column")
        frame = frame.drop(column)
    return frame


def _without_blank_rows(table: RawTable) -> RawTable:
    """Without rows that have no cell at all."""
    frame = table.frame
    if not frame.width or any(not frame[column].null_count() for column in frame.columns):
        return table
    kept = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series().arg_true()
    if len(kept) == frame.height:
        return table
    return RawTable(table.name, table.file, frame[kept], text=True, lines=table.rows(kept))


# XLSX


def _read_workbook(path: Path) -> dict[str, RawTable]:
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = _check_workbook(path, archive)
    except BROKEN as error:
        raise FormError(f"is no XLSX workbook: {_first_line(error)}", "an .xlsx workbook") from None
    import fastexcel

    try:
        # It warns of every column without a cell; empty cells are in order.
        logging.getLogger("fastexcel").setLevel(logging.ERROR)
        workbook = fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise FormError(f"is no XLSX workbook: {_first_line(error)}", "an .xlsx workbook") from None
    found = {}
    for name in TABLES:
        if name not in sheets:
            continue
        file = f"{path.name}, sheet {name}"
        try:
            if sheets[name]:
                raise FormError(sheets[name], "values, or formulas saved with their values")
            found[name] = _read_sheet(workbook, name, file)
        except FormError as error:
            found[name] = RawTable(name, file, problems=(file_message(file, str(error), error.allowed, error.line),))
        except (fastexcel.FastExcelError, pl.exceptions.PolarsError) as error:
            problem = file_message(file, f"can't be read: {_first_line(error)}", "a sheet that is a table")
            found[name] = RawTable(name, file, problems=(problem,))
    return found


def _check_workbook(path: Path, archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name -> what is wrong with its cells, empty for nothing.

    Raises FormError for a workbook that unpacks too far. Every member is unpacked piece by piece and counted, because
    the sizes a file declares may be wrong.
    """
    members = archive.infolist()
    limit = f"at most {MOST_UNPACKED_BYTES / 2**30:g} GiB unpacked"
    if sum(member.file_size for member in members) > MOST_UNPACKED_BYTES:
        raise FormError("unpacks to more than 1 GiB", limit)
    parts = _sheet_parts(archive)
    trouble = {}
    unpacked = 0
    with path.open("rb") as stream:
        for member in members:
            tail, wrong = b"", ""
            for chunk in _unpack(stream, member):
                unpacked += len(chunk)
                if unpacked > MOST_UNPACKED_BYTES:
                    raise FormError("unpacks to more than 1 GiB", limit)
                if member.filename in parts and not wrong:
                    piece = tail + chunk
                    wrong = _cell_trouble(piece)
                    tail = piece[-LONGEST_CELL:]
            if member.filename in parts:
                trouble[parts[member.filename]] = wrong
    return trouble


def _unpack(stream: Any, member: zipfile.ZipInfo) -> Iterator[bytes]:
    stream.seek(member.header_offset)
    head = stream.read(30)
    name, extra = struct.unpack("<HH", head[26:30])
    stream.seek(name + extra, io.SEEK_CUR)
    left = member.compress_size
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or member.flag_bits & 1:
        raise FormError("is packed in a way that spreadsheets don't use", "an .xlsx workbook without a password")
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if member.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0 and (packed := stream.read(min(CHUNK, left))):
        left -= len(packed)
        while packed:
            chunk = inflate.decompress(packed, CHUNK) if inflate else packed
            packed = inflate.unconsumed_tail if inflate else b""
            yield chunk


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Member of the archive -> name of the sheet it holds."""
    relations = {
        relation.get("Id"): relation.get("Target", "") for relation in _xml(archive, "xl/_rels/workbook.xml.rels")
    }
    key = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    parts = {}
    for sheet in _xml(archive, "xl/workbook.xml").iter():
        if sheet.tag.endswith("}sheet"):
            target = relations.get(sheet.get(key)) or ""
            parts[target.removeprefix("/") if target.startswith("/") else f"xl/{target}"] = sheet.get("name", "")
    return parts


def _xml(archive: zipfile.ZipFile, member: str) -> ElementTree.Element:
    text = archive.read(member)
    # Entities of a document type could grow without bound; workbooks have none.
    if b"<!DOCTYPE" in text:
        raise FormError("is no XLSX workbook: it declares a document type", "an .xlsx workbook")
    return ElementTree.fromstring(text)


def _cell_trouble(piece: bytes) -> str:
    if b"<f" not in piece and b":f" not in piece and b't="e"' not in piece:
        return ""
    for cell in CELL.finditer(piece):
        attributes, content = cell.group(1) or b"", cell.group(2)
        place = re.search(rb'\br="([A-Z]+[0-9]+)"', attributes)
        where = f"cell {place.group(1).decode()}" if place else "a cell"
        value = VALUE.search(content)
        if b't="e"' in attributes:
            error = value.group(1).decode(errors="replace") if value else "an error"
            return f"{where} holds the error {error}"
        # A formula that yields an empty text is saved with type str and no value.
        if not value and FORMULA.search(content) and b't="str"' not in attributes:
            return f"{where} holds a formula without its value; open and save the workbook in a spreadsheet program"
    return ""


def _read_sheet(workbook: Any, name: str, file: str) -> RawTable:
    # The rows from the top of the sheet: the reader skips empty rows above the header, lines count them.
    top = workbook.load_sheet(name, header_row=None, skip_rows=0, n_rows=TOP_ROWS, dtypes="string").to_polars()
    if not top.width:
        return RawTable(name, file, text=True)
    filled = top.select(pl.any_horizontal(pl.all().is_not_null())).to_series().arg_true()
    if not len(filled):
        return RawTable(name, file, text=True)
    header_row = int(filled[0])
    header = [cell or "" for cell in top.row(header_row)]
    _check_names(header, header_row + 1)
    frame = workbook.load_sheet(name, dtypes="string").to_polars()
    frame.columns = [column or f"\0{place}" for place, column in enumerate(header)]
    numbers = [column.name for column in TABLES[name].columns if column.kind == "number" and column.name in header]
    if numbers:
        # Read as true or false, a text cell is empty and a number is not: a text "12" is told from the number 12.
        places = [header.index(column) for column in numbers]
        kinds = workbook.load_sheet(name, dtypes=dict.fromkeys(places, "boolean")).to_polars()
        marked = [
            pl.when(pl.lit(kinds.to_series(place)).is_null()).then("'" + pl.col(column)).otherwise(pl.col(column))
            for column, place in zip(numbers, places, strict=True)
        ]
        frame = frame.with_columns(cell.alias(column) for cell, column in zip(marked, numbers, strict=True))
    # Excel holds a date as a moment of its first second.
    frame = frame.with_columns(pl.all().str.strip_suffix(" 00:00:00").replace("", None))
    lines = pl.Series(range(header_row + 2, header_row + 2 + frame.height), dtype=pl.Int64)
    return _without_blank_rows(RawTable(name, file, _named(frame), text=True, lines=lines))


__all__ = ["DataError", "RawTable", "read_tables"]
