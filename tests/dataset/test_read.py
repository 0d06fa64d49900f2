"""Reading CSV, Parquet and XLSX: the same data give the same data set, and what is no table says why."""

from __future__ import annotations

import contextlib
import datetime
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openfisca_stoffenbalans.dataset import TABLES, DataError, check, read, read_dataset, read_tables
from tests.dataset.farm import COW, START, as_text, as_typed, emsland, write_csv, write_parquet, write_xlsx

SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def only_error(path: Path) -> dict[str, Any]:
    try:
        errors = check(read_tables(path), str(path)).errors
    except DataError as error:
        errors = error.report.errors
    assert errors.height == 1, errors["message"].to_list()
    return errors.row(0, named=True)


def farms_csv(folder: Path, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "farms.csv").write_bytes(content)
    return folder


HEADER = b"farm_id,year_start,country,utilised_area_ha\n"
ROW = b"emsland,2019-01-01,DE,80\n"


def test_csv_parquet_and_xlsx_give_the_same_data_set(tmp_path: Path) -> None:
    data = emsland()
    data["flows"][1]["extra"] = "1.50"
    sets = [
        read_dataset(write_csv(tmp_path / "csv", data)),
        read_dataset(write_parquet(tmp_path / "parquet", data)),
        read_dataset(write_xlsx(tmp_path / "book.xlsx", data)),
    ]
    assert len({farms.hash() for farms in sets}) == 1
    for name in TABLES:
        assert sets[0].tables[name].equals(sets[1].tables[name])
        assert sets[0].tables[name].equals(sets[2].tables[name])


def test_a_folder_may_mix_formats(tmp_path: Path) -> None:
    data = emsland()
    whole = read_dataset(write_csv(tmp_path / "csv", data)).hash()
    write_csv(tmp_path / "mixed", {"farms": data.pop("farms"), "crops": data.pop("crops")})
    assert read_dataset(write_parquet(tmp_path / "mixed", data)).hash() == whole


def test_the_hash_knows_values_and_not_the_order_of_columns(tmp_path: Path) -> None:
    data = emsland()
    whole = read_dataset(write_csv(tmp_path / "a", data)).hash()
    data["flows"] = [dict(reversed(row.items())) for row in data["flows"]]
    assert read_dataset(write_csv(tmp_path / "b", data)).hash() == whole
    data["flows"][0]["amount"] = "640.0001"
    assert read_dataset(write_csv(tmp_path / "c", data)).hash() != whole


def test_a_table_in_two_formats_is_an_error(tmp_path: Path) -> None:
    data = emsland()
    write_csv(tmp_path, data)
    write_parquet(tmp_path, {"crops": data["crops"]})
    error = only_error(tmp_path)
    assert "crops.csv and crops.parquet" in error["message"]


def test_other_files_are_ignored(tmp_path: Path) -> None:
    write_csv(tmp_path, emsland() | {"notes": [{"a": "1"}]})
    assert check(read_tables(tmp_path)).messages() == []


@pytest.mark.parametrize("name", ["missing", "farms.txt"])
def test_a_path_that_is_no_data_set_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "farms.txt").write_text("x")
    assert name in only_error(tmp_path / name)["message"]


def test_a_folder_without_tables_lacks_farms(tmp_path: Path) -> None:
    assert "the table farms is missing" in only_error(tmp_path)["message"]


def test_tables_other_than_farms_may_be_empty(tmp_path: Path) -> None:
    write_csv(tmp_path, {"farms": emsland()["farms"]})
    (tmp_path / "flows.csv").write_bytes(b"")
    (tmp_path / "herds.csv").write_text("farm_id,year_start,animal,count,manure_system\n")
    assert check(read_tables(tmp_path)).messages() == []


@pytest.mark.parametrize("content", [b"", b"\n\n", HEADER, HEADER.strip()])
def test_farms_may_not_be_empty(tmp_path: Path, content: bytes) -> None:
    assert "no rows" in only_error(farms_csv(tmp_path, content))["message"]


# CSV


@pytest.mark.parametrize(
    "change",
    [
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.rstrip(b"\n"),
        lambda text: text + b"\n\n",
        lambda text: text + b",,,\n",
        lambda text: text.replace(b"emsland", b'"emsland"'),
        lambda text: text.replace(b"\n", b",\n"),
    ],
    ids=["byte order mark", "CRLF", "no last line end", "blank lines", "empty row", "quotes", "nameless empty column"],
)
def test_csv_of_other_programs_reads_the_same(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    usual = read_dataset(farms_csv(tmp_path / "usual", HEADER + ROW))
    assert read_dataset(farms_csv(tmp_path / "other", change(HEADER + ROW))).hash() == usual.hash()


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ((HEADER + ROW).replace(b",", b";"), None, "looks semicolon-separated; save it as comma-separated CSV"),
        ((HEADER + ROW).replace(b",", b"\t"), None, "looks tab-separated"),
        (HEADER + ROW.replace(b"80", b"80,5"), 2, "has 5 cells, the header has 4; numbers with a decimal comma?"),
        (HEADER + ROW + b"emsland,2020-01-01,DE\n", 3, "has 3 cells, the header has 4"),
        (HEADER + ROW + b'"ems,land",2020-01-01,DE\n', 3, "has 3 cells"),
        (HEADER + ROW.replace(b"emsland", b"M\xfchle"), 2, "not UTF-8 text (byte 0xfc)"),
        (HEADER.replace(b"country", b"l\xe4nd") + ROW, 1, "not UTF-8"),
        ((HEADER + ROW).decode().encode("utf-16"), 1, "not UTF-8"),
        (b"farm_id,farm_id,country\n", 1, "used twice: farm_id"),
        (b"\n" + HEADER + ROW, 1, "first line is empty"),
        (HEADER + b'"emsland,2019-01-01,DE,80\n', 2, "can't be read"),
        (HEADER.replace(b"\n", b",\n") + ROW.replace(b"\n", b",7\n"), None, "column 5 has cells but no name"),
    ],
    ids=["semicolons", "tabs", "decimal comma", "short row", "short row with quotes", "latin 1", "latin 1 header",
         "utf-16", "column twice", "blank first line", "open quotation", "nameless column"],
)  # fmt: skip
def test_csv_that_is_no_table_says_why(tmp_path: Path, content: bytes, line: int | None, words: str) -> None:
    error = only_error(farms_csv(tmp_path, content))
    assert (error["file"], error["row"]) == ("farms.csv", line)
    assert words in error["message"]


def test_lines_are_counted_through_quoted_line_ends_and_blank_lines(tmp_path: Path) -> None:
    text = HEADER.replace(b"\n", b",note\n") + ROW.replace(b"\n", b',"two\nlines"\n') + b"\n" + b"x,2019-01-01,DE,-1,\n"
    assert only_error(farms_csv(tmp_path, text))["row"] == 5


def test_many_files_that_can_not_be_read_are_one_report(tmp_path: Path) -> None:
    for name in TABLES:
        (tmp_path / f"{name}.csv").write_bytes(b"farm_id;year_start\n")
    errors = check(read_tables(tmp_path)).errors
    assert errors["file"].to_list() == [f"{name}.csv" for name in TABLES]


# Parquet


def test_a_broken_parquet_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "farms.parquet").write_bytes(b"PAR1 not really PAR1")
    assert "farms.parquet: can't be read" in only_error(tmp_path)["message"]


def test_parquet_may_hold_categories_moments_and_whole_numbers(tmp_path: Path) -> None:
    data = emsland()
    usual = read_dataset(write_csv(tmp_path / "csv", data)).hash()
    write_parquet(tmp_path / "typed", data)
    for name in TABLES:
        frame = pl.read_parquet(tmp_path / "typed" / f"{name}.parquet")
        text = [column for column in frame.columns if frame[column].dtype == pl.String]
        frame = frame.with_columns(
            pl.col(text).cast(pl.Categorical), pl.col("year_start").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        )
        if name == "herds":
            frame = frame.with_columns(pl.col("count").cast(pl.UInt8))
        frame.write_parquet(tmp_path / "typed" / f"{name}.parquet")
    assert read_dataset(tmp_path / "typed").hash() == usual


def test_a_data_set_written_as_parquet_is_read_again_the_same(tmp_path: Path) -> None:
    usual = read_dataset(write_csv(tmp_path / "csv", emsland()))
    assert read_dataset(write_parquet(tmp_path / "again", usual.tables)).hash() == usual.hash()


# XLSX


def cells(path: Path, rows: list[list[Any]], sheet: str = "farms", top: int = 0) -> Path:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet(sheet)
    for place, row in enumerate(rows):
        for across, cell in enumerate(row):
            page.write(top + place, across, cell)
    book.close()
    return path


FARMS = [["farm_id", "year_start", "country", "utilised_area_ha"], ["emsland", START, "DE", 80]]


def edited(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """The workbook with another text of its first sheet."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    members[name] = change(members[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path


def test_dates_of_a_workbook_may_be_text(tmp_path: Path) -> None:
    data = read_dataset(cells(tmp_path / "book.xlsx", FARMS))
    assert data.tables["farms"]["year_start"].to_list() == [datetime.date(2019, 1, 1)]


def test_a_number_in_a_text_column_of_a_workbook_is_its_digits(tmp_path: Path) -> None:
    data = read_dataset(cells(tmp_path / "book.xlsx", [FARMS[0], [4711, *FARMS[1][1:]]]))
    assert data.tables["farms"]["farm_id"].to_list() == ["4711"]


def test_lines_of_a_sheet_are_counted_from_its_top(tmp_path: Path) -> None:
    rows = [*FARMS, [], ["x", START, "DE", -1]]
    assert only_error(cells(tmp_path / "book.xlsx", rows, top=2))["row"] == 6


def test_columns_named_twice_in_a_sheet_are_an_error(tmp_path: Path) -> None:
    error = only_error(cells(tmp_path / "book.xlsx", [["farm_id", "farm_id"], ["a", "b"]]))
    assert "used twice: farm_id" in error["message"]


def test_an_empty_sheet_is_an_empty_table(tmp_path: Path) -> None:
    assert "no rows" in only_error(cells(tmp_path / "book.xlsx", []))["message"]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (rb'<c r="D2"><f>40*2</f></c>', "cell D2 holds a formula without its value"),
        (rb'<c r="D2"><f>40*2</f><v></v></c>', "cell D2 holds a formula without its value"),
        (rb'<c r="D2"><f>40*2</f><v/></c>', "cell D2 holds a formula without its value"),
        (rb'<c r="D2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "cell D2 holds the error #DIV/0!"),
    ],
)
def test_formulas_without_values_are_refused(tmp_path: Path, cell: bytes, words: str) -> None:
    path = edited(cells(tmp_path / "book.xlsx", FARMS), lambda xml: re.sub(rb'<c r="D2".*?</c>', cell, xml))
    assert words in only_error(path)["message"]


def test_formulas_with_values_are_read(tmp_path: Path) -> None:
    path = cells(tmp_path / "book.xlsx", FARMS)
    edited(path, lambda xml: re.sub(rb'<c r="D2".*?</c>', rb'<c r="D2"><f>40*2</f><v>80</v></c>', xml))
    assert read_dataset(path).tables["farms"]["utilised_area_ha"].to_list() == [80]


@pytest.mark.parametrize("declared", [True, False])
def test_a_workbook_that_unpacks_too_far_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declared: bool
) -> None:
    monkeypatch.setattr(read, "MOST_UNPACKED_BYTES", 1 << 20)
    path = edited(cells(tmp_path / "book.xlsx", FARMS), lambda xml: xml + b" " * (2 << 20))
    if not declared:
        with zipfile.ZipFile(path) as archive:
            size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
        # Sizes of a zip file are declared twice, and both may lie.
        data = path.read_bytes().replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
        path.write_bytes(data)
    assert "unpacks to more than" in only_error(path)["message"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a workbook", b"farm_id,year_start\n"])
def test_a_file_that_is_no_workbook_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "book.xlsx").write_bytes(content)
    assert "is no XLSX workbook" in only_error(tmp_path / "book.xlsx")["message"]


def test_a_zip_file_that_is_no_workbook_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as archive:
        archive.writestr("readme.txt", "x")
    assert "is no XLSX workbook" in only_error(tmp_path / "book.xlsx")["message"]


# Any input


@SLOW
@given(
    st.binary(max_size=200)
    | st.text('farm_id,;"\n\r yes0123.\x00', max_size=80).map(str.encode)
    | st.binary(max_size=80).map(lambda tail: HEADER + ROW + tail)
)
def test_any_bytes_give_a_report_and_never_a_traceback(tmp_path: Path, content: bytes) -> None:
    farms_csv(tmp_path, content)
    with contextlib.suppress(DataError):
        read_dataset(tmp_path)


numbers = st.integers(0, 10**9).map(lambda thousandths: f"{thousandths / 1000}")
names = st.text("abcXYZäß019 ,\"'-_;", min_size=1, max_size=8).filter(lambda name: name.strip() == name)


@st.composite
def data_sets(draw: st.DrawFn) -> dict[str, pl.DataFrame]:
    farm_years = draw(st.lists(st.tuples(names, st.integers(2015, 2025)), min_size=1, max_size=4, unique=True))
    key = st.sampled_from(farm_years).map(lambda pair: {"farm_id": pair[0], "year_start": f"{pair[1]}-07-01"})
    rows: dict[str, list[dict[str, Any]]] = {
        "farms": [
            {
                "farm_id": farm,
                "year_start": f"{year}-07-01",
                "country": draw(st.sampled_from(["DE", "NL"])),
                "utilised_area_ha": draw(numbers),
                "linked_to_livestock_farm": draw(st.sampled_from([None, "true", "false"])),
                "region": draw(st.none() | names),
            }
            for farm, year in farm_years
        ]
    }
    flow = st.fixed_dictionaries({
        "direction": st.sampled_from(["supply", "removal"]),
        "category": st.sampled_from(["feed", "animal_manure", "other"]),
        "product": st.sampled_from([None, "de_t5_kuhmilch_3_4_rp", "de_t1_weizen_rp12_korn"]), "amount": numbers,
        "unit": st.sampled_from(["t", "dt", "kg"]), "farm_manure": st.sampled_from([None, "true", "false"]),
    })  # fmt: skip
    herd = st.fixed_dictionaries({
        "animal": st.just(COW), "count": numbers, "manure_system": st.sampled_from(["slurry", "solid"]),
        "n_excretion_kg": st.none() | numbers,
    })  # fmt: skip
    crop = st.fixed_dictionaries({"crop": st.just("de_t6_klee_ganzpflanze") | names, "area_ha": numbers})
    for name, one in {"flows": flow, "herds": herd, "crops": crop}.items():
        rows[name] = [draw(key) | draw(one) for _ in range(draw(st.integers(1, 4)))]
    return {name: as_typed(name, as_text(table)) for name, table in rows.items()}


@SLOW
@given(data_sets())
def test_a_valid_data_set_survives_writing_and_reading_in_every_format(
    tmp_path_factory: pytest.TempPathFactory, data: dict[str, pl.DataFrame]
) -> None:
    folder = tmp_path_factory.mktemp("set")
    sets = [
        read_dataset(write_csv(folder / "csv", data)),
        read_dataset(write_parquet(folder / "parquet", data)),
        read_dataset(write_xlsx(folder / "book.xlsx", data)),
    ]
    assert sets[0].hash() == sets[1].hash() == sets[2].hash()
    for name, frame in data.items():
        for read_back in sets:
            assert read_back.tables[name]["farm_id"].to_list() == frame["farm_id"].to_list()
    assert sets[1].tables["flows"]["amount"].to_list() == data["flows"]["amount"].to_list()
