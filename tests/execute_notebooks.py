"""Run notebooks from a clean kernel and write their outputs: ``make execute``.

The same outputs give the same bytes: whatever tells when and where a notebook ran is left out.
"""

import asyncio
import hashlib
import os
import sys
import tempfile
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from kernels import transport
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def tidy(notebook):
    """Leave out versions, times and what the front end remembers; keep what authors wrote."""
    notebook.nbformat_minor = 5
    notebook.metadata.kernelspec = KERNELSPEC
    notebook.metadata.language_info = {"name": "python"}
    seen = set()
    for number, cell in enumerate(notebook.cells, 1):
        for key in ("execution", "collapsed", "scrolled"):
            cell.metadata.pop(key, None)
        if cell.get("id") in seen or not cell.get("id"):
            text = f"{number}\n{cell.source}".encode()
            cell.id = hashlib.sha256(text).hexdigest()[:8]
        seen.add(cell.id)
    return notebook


def run(notebook, folder, before=""):
    """Execute all cells in a fresh kernel whose working folder is given.

    `before` is Python that the kernel runs before the first cell.
    """
    if sys.platform == "win32":  # zmq's sockets need the selector loop there
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
    # The kernel is this Python, whatever kernels are installed for the user.
    specs = KernelSpecManager(kernel_dirs=[], ensure_native_kernel=True)
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs, **transport())
    client = NotebookClient(
        notebook,
        km=manager,
        timeout=300,
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.log_level=40"],
    )
    client.owns_km = True  # so that it also stops the kernel
    with tempfile.TemporaryDirectory() as ipython:
        if before:
            startup = Path(ipython, "profile_default", "startup")
            startup.mkdir(parents=True)
            (startup / "before.py").write_text(before, encoding="utf-8")
        environment = {**os.environ, "IPYTHONDIR": ipython}
        environment.pop("MPLBACKEND", None)  # it would keep figures out of the outputs
        client.execute(env=environment)


def execute(path):
    """Execute one notebook in its folder; write it only if every cell ran."""
    raw = nbformat.reader.reads(path.read_text(encoding="utf-8"))
    if (raw.nbformat, raw.nbformat_minor) < (4, 5):
        raw.nbformat_minor = 5  # without the random ids that nbformat's upgrade would add
    notebook = tidy(raw)
    run(notebook, path.parent)
    nbformat.validate(tidy(notebook))
    text = nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"
    if text != path.read_text(encoding="utf-8"):
        path.write_text(text, encoding="utf-8", newline="\n")
        return "written"
    return "unchanged"


def main(paths):
    """Execute all; return 1 if one failed."""
    code = 0
    for path in paths:
        try:
            print(f"{path.name}: {execute(path)}", flush=True)
        except CellExecutionError as error:
            print(f"{path.name}: NOT written; a cell failed:\n{error}", file=sys.stderr)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
