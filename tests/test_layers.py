"""The package's floors: a module imports from lower floors only, and nothing heavy early."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "gmmtutor"

# A new module gets its floor here.
FLOORS = {
    "source": 0,
    "validation": 0,
    "gaussian": 0,
    "progress": 0,
    "frame": 1,
    "mixture": 1,
    "prior": 1,
    "kmeans": 1,
    "datasets": 1,
    "em": 2,
    "plus_minus": 2,
    "scale": 2,
    "classification": 3,
    "kernel": 3,
    "starts": 3,
    "fit": 4,
    "stepwise": 4,
    "scoring": 4,
    "selection": 4,
    "rates": 4,
    "estimator": 5,
    "plots": 5,
    "check": 5,
    "grading": 6,
}
# The few imports on one floor, each without a way back.
SAME_FLOOR = {("gaussian", "validation"), ("datasets", "mixture")}


def module_name(path):
    """Return the room that a file belongs to: "em" for em.py, "plots" for plots/*.py."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def modules():
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def imported(path):
    """Yield (line, dotted name) of whatever a file imports, at any depth, made absolute."""
    package = ["gmmtutor", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base = base + (node.module.split(".") if node.module else [])
            for alias in node.names:
                yield node.lineno, ".".join([*base, alias.name])


def faults(path):
    """Return what is wrong with a module's imports, in words."""
    name, file = module_name(path), path.relative_to(PACKAGE).as_posix()
    if name not in FLOORS:
        return [f"{name} has no floor; give it one in tests/test_layers.py"]
    found = []
    for line, target in imported(path):
        root, _, rest = target.partition(".")
        below = rest.split(".")[0]
        if root == "matplotlib" and name != "plots":
            found.append(f"{file}:{line}: only plots imports Matplotlib")
        if root == "sklearn" and name != "estimator":
            found.append(f"{file}:{line}: only estimator may import scikit-learn")
        if root != "gmmtutor" or below == name or below.startswith("__"):
            continue
        if below not in FLOORS:
            where = "the package itself" if not below else f"gmmtutor.{below}"
            found.append(f"{file}:{line}: imports {where}, which has no floor")
        elif FLOORS[below] >= FLOORS[name] and (name, below) not in SAME_FLOOR:
            own, other = FLOORS[name], FLOORS[below]
            found.append(f"{file}:{line}: floor {own} imports {below} of floor {other}")
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_go_down(path):
    assert not faults(path), "\n".join(faults(path))


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("em", "from .fit import fit_em", "floor 2 imports fit of floor 4"),
        ("em", "def f():\n    from gmmtutor import fit", "floor 2 imports fit of floor 4"),
        ("em", "from gmmtutor.kernel import step", "floor 2 imports kernel of floor 3"),
        ("kmeans", "from . import datasets", "floor 1 imports datasets of floor 1"),
        ("em", "import gmmtutor", "imports the package itself"),
        ("fit", "import matplotlib.pyplot as plt", "only plots imports Matplotlib"),
        ("fit", "def f():\n    import sklearn.base", "only estimator may import scikit-learn"),
        ("selection", "from .estimator import GaussianMixture", "imports estimator of floor 5"),
        ("check/judge", "from matplotlib import ticker", "check/judge.py:1: only plots imports"),
        ("plots/style", "from gmmtutor import check", "floor 5 imports check of floor 5"),
        ("plots/style", "from ..grading import build", "floor 5 imports grading of floor 6"),
        ("novelty", "import numpy", "novelty has no floor"),
    ],
)
def test_a_wrong_import_is_found(tmp_path, monkeypatch, name, code, words):
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    path = tmp_path / f"{name}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(code, encoding="utf-8")
    assert words in "\n".join(faults(path))


@pytest.mark.parametrize(
    "code", ["import matplotlib", "from . import parts", "from gmmtutor.plots.parts import grid"]
)
def test_files_of_one_room_import_each_other(tmp_path, monkeypatch, code):
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    path = tmp_path / "plots" / "style.py"
    path.parent.mkdir()
    path.write_text(code, encoding="utf-8")
    assert not faults(path)


@pytest.mark.parametrize("room", sorted({path.parent.name for path in PACKAGE.glob("*/*.py")}))
def test_files_of_one_room_make_no_circle(room):
    needs = {}
    for path in (PACKAGE / room).glob("*.py"):
        within = (name.split(".") for _, name in imported(path) if name.startswith("gmmtutor."))
        needs[path.stem] = {parts[2] for parts in within if parts[1] == room and len(parts) > 2}
    assert list(TopologicalSorter(needs).static_order())  # raises a CycleError that names them


def test_import_is_light():
    """SciPy, Matplotlib and Dask wait until they are needed, scikit-learn till it calls itself."""
    heavy = "{'scipy', 'matplotlib', 'dask', 'sklearn'}"
    code = f"import sys, gmmtutor; print(*{heavy} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_no_way_back():
    assert not {(b, a) for a, b in SAME_FLOOR} & SAME_FLOOR
    assert all(FLOORS[a] == FLOORS[b] for a, b in SAME_FLOOR)


def test_only_grading_is_above():
    """Nothing imports the top floor; what it is made of may change freely."""
    for path in modules():
        if module_name(path) != "grading":
            assert not any(name.startswith("gmmtutor.grading") for _, name in imported(path))
