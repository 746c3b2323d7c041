"""Runs one submission inside the sandbox: a request in JSON comes in, lines of JSON go out.

This file is all that the sandbox has of the package, with `personal.py`: it imports nothing of
`gmmtutor`, and knows no right answer. What it sends are the student's numbers. Whoever forges
them has forged an answer and no grade, since the judge outside compares them with the truth.
"""

import importlib.abc
import importlib.machinery
import json
import os
import sys
import types

LIBRARIES = "/sandbox/lib"
LONGEST = 400_000  # characters of one answer
ABSENT = ("gmmtutor", "matplotlib", "IPython", "ipywidgets", "pylab")
HINT = "is not there while a submission is graded: use your own functions"


# --- values as JSON --------------------------------------------------------------------------


def encode(value, depth=0):
    """Turn an answer into what JSON can say; what it cannot say becomes the name of its type."""
    if value is None or value is Ellipsis:
        return None
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, complex):
        return {"complex": True} if value.imag else value.real
    if depth > 8:
        return {"other": "something nested too deeply"}
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        kind = value.dtype.kind
        if kind == "c":
            return encode(value.real, depth) if not value.imag.any() else {"complex": True}
        if kind not in "fiub":
            return {"other": f"an array of type {value.dtype}"}
        return {"array": value.tolist(), "kind": kind, "size": value.dtype.itemsize}
    if isinstance(value, list):
        return [encode(item, depth + 1) for item in value]
    if isinstance(value, tuple | range):
        return {"tuple": [encode(item, depth + 1) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[str(k), encode(v, depth + 1)] for k, v in value.items()]}
    if all(hasattr(value, name) for name in ("weights", "means", "covariances")):
        names = ("weights", "means", "covariances")
        return {"dict": [[name, encode(getattr(value, name), depth + 1)] for name in names]}
    if callable(value):
        return {"function": str(getattr(value, "__name__", "f"))}
    return {"other": type(value).__name__}


def decode(value):
    """Turn what the judge sent back into arrays, tuples and numbers."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if isinstance(value, dict):
        if "array" in value:
            import numpy as np

            return np.array(value["array"], dtype={"i": int, "f": float}[value["kind"]])
        if "tuple" in value:
            return tuple(decode(item) for item in value["tuple"])
        return {key: decode(item) for key, item in value["dict"]}
    return value


# --- what stands in for packages that are not there ------------------------------------------


class Nothing:
    """Takes every call and attribute, and does nothing: pictures and checks while grading."""

    def __init__(self, *_, **__):
        pass

    def __call__(self, *_, **__):
        return self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, _):
        return self

    def __iter__(self):
        return iter((self, self))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def __repr__(self):
        return "nothing, while a submission is graded"


class Record:
    """Holds named values, as `Mixture` does, and computes nothing."""

    def __init__(self, weights, means, covariances):
        import numpy as np

        self.weights, self.means = np.asarray(weights, float), np.asarray(means, float)
        self.covariances = self.variances = np.asarray(covariances, float)
        if self.means.ndim == 1:
            self.means, self.covariances = self.means[:, None], self.covariances[:, None, None]
        self.n_components, self.n_features = self.means.shape


class StandIn(types.ModuleType):
    """A module of which every name is there."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        full = f"{self.__name__}.{name}"
        if self.__name__ != "gmmtutor":
            return Nothing()

        def absent(*_, **__):
            raise RuntimeError(f"`{full}` {HINT}.")

        absent.__name__ = name
        return absent


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a stand-in for each module of the absent packages."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in ABSENT:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        if module.__name__ == "gmmtutor":
            module.Mixture = Record
            for part in ("check", "plots", "datasets", "grading"):
                setattr(module, part, importlib.import_module(f"gmmtutor.{part}"))
        if module.__name__ == "gmmtutor.grading":
            import personal

            module.make_dataset = personal.make_dataset
            module.own_eruptions = personal.own_eruptions
        if module.__name__ == "gmmtutor.datasets":
            import personal

            module.old_faithful = personal.old_faithful
            module.seven_points = personal.seven_points


# --- the submission --------------------------------------------------------------------------


class Channel:
    """Writes lines of JSON to the judge; the submission's own prints go nowhere."""

    def __init__(self):
        self.file = os.fdopen(os.dup(1), "w", encoding="ascii")
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nowhere, number)

    def send(self, **message):
        try:
            line = json.dumps(message)
        except (ValueError, TypeError, RecursionError):
            line = ""
        if not line or len(line) > LONGEST:
            message = {key: message[key] for key in ("call", "value") if key in message}
            line = json.dumps(message | {"error": "The answer is too large to be an answer."})
        self.file.write(line + "\n")
        self.file.flush()


def said(error):
    """Say what went wrong in one line, and where: (text, (cell, line) or None)."""
    words = error.msg if isinstance(error, SyntaxError) else error
    text = f"{type(error).__name__}: {words}".rstrip(": ")[:400]
    where, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith("<cell "):
            number = int(trace.tb_frame.f_code.co_filename.strip("<>").split()[1])
            where = number, trace.tb_lineno
        trace = trace.tb_next
    return text, where


def failed_cell(number, error):
    """Return the message about a cell that failed; its line is counted within the cell."""
    text, where = said(error)
    if isinstance(error, SyntaxError):
        where = number, error.lineno
    if where and where[0] == number:
        text = f"{text.rstrip('. ')}, line {where[1]}"
    return {"cell": number, "error": text}


def stripped(source):
    """Blank out magics and shell lines, which are no Python."""
    lines = source.splitlines()
    return "\n".join("" if line.lstrip()[:1] in ("%", "!") else line for line in lines)


def statements(source, name):
    """Yield the compiled statements of a cell, one by one."""
    import ast

    for node in ast.parse(source, name).body:
        yield compile(ast.Module([node], []), name, "exec")


def run_cells(cells, skip, namespace, channel):
    """Run all statements of all cells; one that fails does not stop those after it."""
    for number, source in enumerate(cells):
        channel.send(cell=number)
        if number in skip:
            continue
        try:
            for code in statements(stripped(source), f"<cell {number}>"):
                try:
                    exec(code, namespace)
                except BaseException as error:
                    channel.send(**failed_cell(number, error))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            channel.send(**failed_cell(number, error))


def answer_value(name, namespace):
    """Return the message about a named answer."""
    if name not in namespace:
        return {"value": name, "missing": True}
    return {"value": name, "answer": encode(namespace[name])}


def answer_call(call, namespace, cells):
    """Call a function of the submission; return the message about it."""
    told = {"call": call["id"]}
    function = namespace.get(call["name"])
    if function is None:
        return told | {"missing": True}
    if not callable(function):
        return told | {"error": f"`{call['name']}` is not a function."}
    given = decode(call["args"])
    try:
        answer = encode(function(*given))
    except NotImplementedError:
        return told | {"missing": True}
    except BaseException as error:
        text, where = said(error)
        return told | {"error": text, "line": _line(where, cells)}
    return told | {"answer": answer, "after": encode(list(given))}


def _line(where, cells):
    """Return the text of the line that failed."""
    if where is None:
        return ""
    number = where[0]
    lines = cells[number].splitlines() if number < len(cells) else []
    return lines[where[1] - 1].strip()[:200] if where[1] <= len(lines) else ""


def main():
    """Answer the request that stands on the standard input."""
    request = json.loads(sys.stdin.read())
    channel = Channel()
    sys.path[:0] = [LIBRARIES, os.path.dirname(os.path.abspath(__file__))]
    sys.meta_path.insert(0, Finder())
    sys.argv = ["submission"]
    cells, namespace = request["cells"], {"__name__": "__main__"}
    import numpy as np

    np.seterr(all="ignore")
    channel.send(started=True)
    run_cells(cells, set(request["skip"]), namespace, channel)
    channel.send(loaded=True)
    for name in request["values"]:
        try:
            channel.send(**answer_value(name, namespace))
        except BaseException as error:
            channel.send(value=name, error=said(error)[0])
    for call in request["calls"]:
        try:
            channel.send(**answer_call(call, namespace, cells))
        except BaseException as error:
            channel.send(call=call["id"], error=said(error)[0])
    channel.send(done=True)
    os._exit(0)


if __name__ == "__main__":
    main()
