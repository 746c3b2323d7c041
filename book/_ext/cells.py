"""Runs the cells of a page inside the browser's Python and hands over what they show.

worker.js loads it, sets ``send(kind, text, more)``, and calls ``run``. What a cell shows is what
a notebook would: text, the value of its last line, figures, errors as Python writes them.
"""

import ast
import base64
import builtins
import functools
import io
import linecache
import logging
import os
import sys
import time
import traceback
import types

os.environ["MPLBACKEND"] = "agg"
# That it builds its font cache is no part of what a cell shows.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
LIMIT = 200_000  # characters that one cell may print

main = sys.modules["__main__"] = types.ModuleType("__main__")
send = None


class Stream(io.TextIOBase):
    """Hands text over in pieces, at most every twentieth of a second."""

    def __init__(self, kind):
        self.kind, self.parts, self.last, self.left = kind, [], 0.0, LIMIT

    def writable(self):
        return True

    def write(self, text):
        if self.left > 0:
            self.parts.append(text[: self.left])
            self.left -= len(text)
            if self.left <= 0:
                self.parts.append("\n... more than is shown here\n")
        if time.monotonic() - self.last > 0.05:
            self.flush()
        return len(text)

    def flush(self):
        self.last = time.monotonic()
        if self.parts:
            send(self.kind, "".join(self.parts), "")
            self.parts.clear()


def display(*values):
    """Show values as a notebook does."""
    for value in values:
        show(value)


class Shown:
    """Stands in for IPython.display.HTML and its like."""

    def __init__(self, data):
        self.data = data


class HTML(Shown):
    def _repr_html_(self):
        return self.data


class Markdown(Shown):
    def _repr_markdown_(self):
        return self.data


def stand_in():
    """Offer the few names of IPython that chapters use; IPython itself stays away."""
    ipython, inner = (
        types.ModuleType("IPython"),
        types.ModuleType("IPython.display"),
    )
    ipython.get_ipython = lambda: None
    ipython.display, ipython.__path__ = inner, []
    inner.display, inner.HTML, inner.Markdown = display, HTML, Markdown
    sys.modules.update({"IPython": ipython, "IPython.display": inner})
    builtins.display = display


# WebAssembly has no floating-point flags, by which NumPy's LAPACK tells that it failed: there, a
# failure is a result of NaN, and no error. So each routine's result is looked at.
FAILURES = {
    "cholesky": "Matrix is not positive definite",
    "inv": "Singular matrix",
    "solve": "Singular matrix",
    "eig": "Eigenvalues did not converge",
    "eigh": "Eigenvalues did not converge",
    "eigvals": "Eigenvalues did not converge",
    "eigvalsh": "Eigenvalues did not converge",
    "svd": "SVD did not converge",
}


def failing(routine, message):
    """Return a routine of numpy.linalg that raises where it raises outside of a browser."""
    import numpy as np

    @functools.wraps(routine)
    def looked_at(*arguments, **options):
        result = routine(*arguments, **options)
        first = np.asarray(result[0] if isinstance(result, tuple) else result)
        given = [np.asarray(a) for a in arguments if not isinstance(a, (bool, str))]
        # Cholesky's factor fails on a NaN too; the others hand it on.
        known = message.startswith("Matrix") or not any(np.isnan(a).any() for a in given)
        if known and first.size and np.isnan(first).reshape(-1).any():
            raise np.linalg.LinAlgError(message)
        return result

    return looked_at


def mend_linalg():
    """Let the routines of numpy.linalg raise LinAlgError."""
    import numpy as np

    inner = sys.modules["numpy.linalg._linalg"]
    for name, message in FAILURES.items():
        mended = failing(getattr(np.linalg, name), message)
        setattr(np.linalg, name, mended)
        setattr(inner, name, mended)


def show(value):
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    if type(value).__name__ == "Figure" and hasattr(value, "savefig"):
        show_figure(value)
        return
    for kind in ("html", "markdown"):
        method = getattr(value, f"_repr_{kind}_", None)
        text = method() if method and not isinstance(value, type) else None
        if text is not None:
            send(kind, text, "")
            return
    send("text", repr(value), "")


def show_figure(figure):
    from gmmtutor.plots.style import png

    data, size = png(figure)
    send(
        "png",
        base64.b64encode(data).decode(),
        f"{size['width']}x{size['height']}",
    )


def show_figures(*_, **__):
    """Show and close the open figures, in order: what plt.show() and the end of a cell do."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot:
        for number in pyplot.get_fignums():
            show(pyplot.figure(number))
        pyplot.close("all")
        pyplot.show = show_figures


def execute(source, name):
    """Execute a cell in the shared names; the value of a last expression is shown."""
    linecache.cache[name] = (
        len(source),
        None,
        source.splitlines(keepends=True),
        name,
    )
    tree = ast.parse(source, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), main.__dict__)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), name, "eval"), main.__dict__)
        if value is not None:
            main._ = value
            show(value)
    show_figures()


def explain(error, name):
    """Return the error as Python shows it, from the cell on."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename != name:
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace))


def run(source, name):
    """Run a cell; return "" if it ran, "failed", or the name of a module that is not there."""
    outer = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Stream("stdout"), Stream("stderr")
    outcome = ""
    try:
        execute(source, name)
    except ModuleNotFoundError as error:
        outcome = (error.name or "failed").split(".")[0]
        text = explain(error, name)
    except BaseException as error:
        outcome, text = "failed", explain(error, name)
    sys.stdout.flush()
    sys.stderr.flush()
    sys.stdout, sys.stderr = outer
    if outcome:
        send("error", text, outcome)
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")
    return outcome


stand_in()
mend_linalg()
