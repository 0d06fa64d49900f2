"""The built wheel, installed in an empty environment, does what the checkout does."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
READING = "openfisca_stoffenbalans.reforms.de.readings.control_value_40.control_value_40"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--outdir", out, ROOT], check=True, capture_output=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of a new environment that holds the wheel and what it needs, and nothing of the checkout."""
    home = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    pip = [home / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, wheel], check=True, capture_output=True)
    return home / "bin"


def run(installed: Path, folder: Path, *call: str | Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [installed / str(call[0]), *map(str, call[1:])], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_law_examples_licence_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for folder, pattern in (("parameters", "*.yaml"), ("variables", "*.py"), ("reforms", "*.py")):
        for path in (ROOT / folder).rglob(pattern):
            assert f"openfisca_stoffenbalans/{path.relative_to(ROOT).as_posix()}" in names
    package = {f"openfisca_stoffenbalans/{path.relative_to(ROOT / 'openfisca_stoffenbalans').as_posix()}"
               for path in (ROOT / "openfisca_stoffenbalans").rglob("*")
               if path.is_file() and "__pycache__" not in path.parts}  # fmt: skip
    assert package - set(names) == set()
    assert "openfisca_stoffenbalans/examples/germany_sample/flows.parquet" in names
    assert "openfisca_stoffenbalans/variables/de/stoffbilv/regime.yaml" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any(name.startswith(("tests", "benchmarks", "parameters", "variables")) for name in names)


def test_balance_and_lists_work_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    said = run(installed, tmp_path, "stoffenbalans", "balance", "example:germany", "--out", tmp_path / "out")
    assert "18 farms" in said
    assert json.loads((tmp_path / "out" / "receipt.json").read_text())["counts"]["farms"] == 18
    dutch = run(
        installed,
        tmp_path,
        "stoffenbalans",
        "balance",
        "example:netherlands",
        "--regime",
        "nl",
        "--out",
        tmp_path / "nl",
    )
    assert "15 farms" in dutch
    assert (tmp_path / "nl" / "fields.csv").exists()
    assert "de_t4_ccm" in run(installed, tmp_path, "stoffenbalans", "list", "products", "--search", "CCM")


def test_a_population_is_made_and_judged_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    call = ("stoffenbalans", "population", "nl", "--farms", "300", "--out", tmp_path / "nl")
    assert "300 synthetic Dutch farms that stand for 50,634" in run(installed, tmp_path, *call)
    assert "Held-out figures" in run(installed, tmp_path, "stoffenbalans", "population", "quality", tmp_path / "nl")
    assert (tmp_path / "nl" / "quality" / "quality.html").stat().st_size > 10_000
    sample = run(installed, tmp_path, "stoffenbalans", "balance", "example:germany_sample", "--out", tmp_path / "out")
    assert "2,000 farms, 6,000 balance years" in sample


def test_source_links_of_the_wheel_point_into_the_repository(installed: Path, tmp_path: Path) -> None:
    code = (
        "from openfisca_stoffenbalans import CountryTaxBenefitSystem as S; s = S();"
        "m = s.get_package_metadata()['location'];"
        "print(s.variables['stoffbilv_scope'].introspection_data[0]);"
        "print(s.parameters.children['de'].children['stoffbilv'].children['section_01_scope'].file_path.replace(m, ''))"
    )
    assert run(installed, tmp_path, "python", "-c", code).split() == [
        "/variables/de/stoffbilv/section_01_scope.py",
        "/parameters/de/stoffbilv/section_01_scope.yaml",
    ]


def test_openfiscas_own_test_command_works_from_the_wheel_with_reforms(installed: Path, tmp_path: Path) -> None:
    law_test = tmp_path / "line_1.yaml"
    farm = "{flows: [no_line], farm_year_known: true, utilised_area_ha: 10}"
    for per_ha, options in ((50, []), (40, ["--reforms", READING])):
        law_test.write_text(
            f"- name: line 1\n  period: 2020\n  input: {{entries: {{no_line: {{}}}}, farms: {{farm: {farm}}}}}\n"
            f"  output: {{stoffbilv_annex_4_line_1: {per_ha * 10}}}\n"
        )
        run(installed, tmp_path, "openfisca", "test", law_test, "-c", "openfisca_stoffenbalans", *options)


def test_openfisca_serve_answers_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    call = [installed / "openfisca", "serve", "-c", "openfisca_stoffenbalans", "--port", str(port), "--workers", "1"]
    server = subprocess.Popen(
        call, cwd=tmp_path, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        variable = answer(port, "/variable/stoffbilv_scope")
        assert "/variables/de/stoffbilv/section_01_scope.py#L" in variable["source"]
        situation: dict[str, Any] = {
            "entries": {"no_line": {}},
            "farms": {"farm": {"flows": ["no_line"], "stocking_density": {"2020": None}}},
        }
        assert answer(port, "/calculate", situation)["farms"]["farm"]["stocking_density"] == {"2020": None}
        assert answer(port, "/spec")["info"]["title"].startswith("Openfisca-Stoffenbalans")
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.communicate(timeout=30)


def answer(port: int, path: str, body: Any = None) -> Any:
    """The JSON answer of the server, waited for while it starts."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", data=data, headers={"Content-Type": "application/json"}
    )
    for _ in range(120):
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"no answer from {path}")
