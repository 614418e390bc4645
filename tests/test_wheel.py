"""The wheel, built, installed into an empty environment and used from another folder."""

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.harness import free_port, wait_ready, wait_served
from tests.cli.test_check_log import LOG

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
TEXT = "The keys near the old cabinet are lost."
CONFIG = {
    "model_type": "llama",
    "num_hidden_layers": 2,
    "hidden_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 1,
}


class Environment:
    """A virtual environment that holds the wheel, and a folder of its own to work in."""

    def __init__(self, home: Path, wheel: Path, *, also: str = "") -> None:
        """``also``: a folder of packages that its Python finds too."""
        venv.create(home / "venv", with_pip=False)
        folder = Path("Scripts" if os.name == "nt" else "bin")
        self.python, self.headcount = (
            str(home / "venv" / folder / name) for name in ("python", "headcount")
        )
        self.work = home / "work"
        self.work.mkdir()
        install = ["--python", self.python, "install", "--no-index", "--no-deps", "--quiet"]
        subprocess.run([sys.executable, "-m", "pip", *install, str(wheel)], check=True)
        if also:
            packages = self.run(self.python, "-c", "import site; print(*site.getsitepackages())")
            (Path(packages.stdout.strip()) / "also.pth").write_text(also, encoding="utf-8")

    def run(self, *command: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            command, cwd=self.work, env=_plain(), capture_output=True, encoding="utf-8"
        )

    def ask(self, *arguments: str) -> str:
        """What ``headcount ARGUMENTS`` prints; it must succeed."""
        done = self.run(self.headcount, *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> dict[str, Path]:
    """The source archive, and the wheel that is built from it: here, or by ``.ci/run`` just now."""
    if given := os.environ.get("HEADCOUNT_DIST"):
        return {path.suffix: path for path in Path(given).iterdir()}
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.suffix: path for path in folder.iterdir()}


@pytest.fixture(scope="session")
def base(built, tmp_path_factory) -> Environment:
    """Nothing but the wheel."""
    return Environment(tmp_path_factory.mktemp("base"), built[".whl"])


@pytest.fixture(scope="session")
def full(built, tmp_path_factory) -> Environment:
    """The wheel, and the packages that the tests run with."""
    home = tmp_path_factory.mktemp("full")
    return Environment(home, built[".whl"], also=sysconfig.get_path("purelib"))


def test_it_holds_every_file_and_takes_no_name_but_its_own(built) -> None:
    held = {name for name in zipfile.ZipFile(built[".whl"]).namelist() if ".dist-info/" not in name}
    places = {"attention": "attention", "assets": "attention/_assets", "app": "attention/_page/app"}
    wanted = {
        f"{place}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, place in places.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert held == wanted
    assert "attention/_page/app/.streamlit/config.toml" in held


def test_the_source_archive_holds_the_tests_and_the_licence(built) -> None:
    with tarfile.open(built[".gz"]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"tests/test_wheel.py", "LICENSE", "README.md", "app/.streamlit/config.toml"} <= names


def test_the_cache_arithmetic_needs_nothing_else(base: Environment) -> None:
    (base.work / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    (base.work / "server.log").write_text(LOG, encoding="utf-8")
    by_name = json.loads(base.ask("kv", "--model", "Llama-3.1-8B", "--context", "8192", "--json"))
    assert by_name["bytes_total"] == 2**30
    by_file = json.loads(base.ask("kv", "--config", "config.json", "--context", "100", "--json"))
    assert by_file["bytes_total"] == 12800
    fit = base.ask("fit", "--model", "Llama-3.1-8B", "--gpu", "RTX 4090", "--engine", "vllm")
    assert "fits on NVIDIA RTX 4090" in fit.splitlines()[0]
    assert json.loads(base.ask("check-log", "server.log", "--json"))["agrees"] is True
    code = (
        "from attention import count_cache; "
        "print(count_cache('Llama-3.1-8B', context=8192).bytes_total)"
    )
    assert base.run(base.python, "-c", code).stdout == f"{2**30}\n"
    assert len(base.ask("layouts").splitlines()) == 1 + 21  # their cards are read, no weights


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "headcount: this needs streamlit: pip install 'headcount[app]'\n"),
        (("--port", "8600"), "headcount: this needs streamlit: pip install 'headcount[app]'\n"),
        (("trace",), "headcount trace: this needs "),
        (("models",), "headcount models: this needs "),
        (("fetch",), "headcount fetch: this needs "),
        (("train",), "headcount train: this needs "),
    ],
)
def test_a_missing_extra_is_one_line_and_exit_code_2(base: Environment, arguments, line) -> None:
    done = base.run(base.headcount, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1


def test_a_missing_extra_is_an_import_error_in_python(base: Environment) -> None:
    done = base.run(base.python, "-c", "from attention import load_layout")
    assert done.stderr.splitlines()[-1].endswith(
        "ExtraError: this needs torch: pip install 'headcount[models]'"
    )


def test_both_names_of_the_command_line_are_one(base: Environment) -> None:
    module = base.run(base.python, "-m", "attention", "fit", "--list")
    assert module.stdout == base.ask("fit", "--list")
    assert base.run(base.python, "-m", "attention").returncode == 2
    metadata = base.run(
        base.python, "-c", "from importlib import metadata as m; print(m.version('headcount'))"
    )
    assert base.ask("--version") == f"headcount {metadata.stdout}"


def test_models_are_found_and_shown(full: Environment) -> None:
    assert len(full.ask("layouts").splitlines()) == 1 + 21
    layout = ("--heads", "8", "--kv-heads", "2")
    traced = json.loads(full.ask("trace", "--text", TEXT, *layout, "--json", "--out", "a.html"))
    assert (traced["n_heads"], len(traced["weights"])) == (8, 8)
    code = (
        "from attention import load_layout, show; "
        f"show({TEXT!r}, model=load_layout(8, 2), lang='hi').save('b.html')"
    )
    assert full.run(full.python, "-c", code).stderr == ""
    pages = [(full.work / name).read_text(encoding="utf-8") for name in ("a.html", "b.html")]
    assert all("hc-" in page for page in pages)


def test_the_page_runs_on_what_the_wheel_holds(full: Environment) -> None:
    code = """
import os, sys
from attention.assets import PAGE_ROOT
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(PAGE_ROOT))
page = AppTest.from_file(PAGE_ROOT / "app" / "main.py", default_timeout=120).run()
print(sys.modules["app"].__file__, len(page.exception), len(page.get("bidi_component")), flush=True)
os._exit(0)  # torch's threads do not outlive an interpreter in good order
"""
    app, n_errors, n_pictures = full.run(full.python, "-c", code).stdout.split()
    assert Path(app).parts[-4:] == ("attention", "_page", "app", "__init__.py")
    assert (n_errors, n_pictures) == ("0", "4")  # parts, picture, files to take along, link


@pytest.fixture
def address(full: Environment) -> Iterator[str]:
    """Where ``headcount --port N`` serves the page."""
    port = free_port()
    command = [full.headcount, "--port", str(port), "--server.headless", "true"]
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    server = subprocess.Popen(command, cwd=full.work, env=_plain(), text=True, **pipes)
    url = f"http://localhost:{port}"
    try:
        wait_served(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=10)


def test_the_page_is_served(address: str) -> None:
    with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5) as answer:
        assert answer.read() == b"ok"


@pytest.mark.browser
def test_both_pages_are_drawn_with_their_own_theme(address: str, chrome) -> None:
    page = chrome.new_page(color_scheme="light")
    page.goto(address)
    wait_ready(page)
    colour = page.get_by_test_id("stApp").evaluate("node => getComputedStyle(node).color")
    assert colour == "rgb(22, 25, 31)"  # Streamlit's own is another
    page.goto(f"{address}/memory")
    page.locator(".hc-answer").first.wait_for()
    page.close()


def _plain() -> dict[str, str]:
    """The environment without what would let the wheel find the repository."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
