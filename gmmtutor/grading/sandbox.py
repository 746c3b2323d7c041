"""The sandbox: bubblewrap around the worker, with limits on everything that can run out.

No network, no home, a read-only system, an empty /tmp of 16 MB, another user; memory, time,
processes and file sizes are limited. Of the installed packages only NumPy and SciPy are there.
"""

import importlib.util
import itertools
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILES = ("worker.py", "personal.py")
DATA = HERE.parent / "data"
SYSTEM = ("/usr", "/lib", "/lib64", "/bin")
KEPT = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # some processors compute wrong without them
FIRST_USER = 2_000_000  # users that no system has
_users = itertools.count()

MISSING = """\
Bubblewrap is not installed, so submissions cannot be kept apart from your machine.
  Debian, Ubuntu:  apt-get install bubblewrap
  Fedora:          dnf install bubblewrap
  macOS, Windows:  there is no bubblewrap; use the Containerfile in book/assignments.
To run what students wrote with your own rights, say --unsandboxed. We advise against it."""
REFUSED = """\
Bubblewrap is installed, but the system does not let it make a sandbox:
  {reason}
Most often user namespaces are switched off for ordinary users.
  Debian:  sysctl kernel.unprivileged_userns_clone=1
  Ubuntu:  sysctl kernel.apparmor_restrict_unprivileged_userns=0, or a profile for bwrap
  In a container: give it the right to make namespaces; see book/assignments/Containerfile.
To run what students wrote with your own rights, say --unsandboxed. We advise against it."""


class NoSandbox(RuntimeError):
    """The sandbox cannot run here; the message says why and what to do."""


@dataclass(frozen=True)
class Limits:
    """What one process of a submission may use.

    Attributes
    ----------
    memory : int
        Bytes of address space.
    processor : int
        Seconds of processor time.
    processes : int
    file : int
        Bytes of one file.
    """

    memory: int = 600_000_000
    processor: int = 20
    processes: int = 4
    file: int = 4_000_000

    def command(self):
        """Return the words that set these limits."""
        return [
            shutil.which("prlimit") or "/usr/bin/prlimit",
            f"--as={self.memory}",
            f"--cpu={self.processor}",
            f"--nproc={self.processes}",
            f"--fsize={self.file}",
            "--nofile=64",
            "--core=0",
            "--",
        ]


def site_folders():
    """Return the folders of installed packages inside the interpreter's own tree."""
    base = Path(sys.base_prefix)
    names = {f"python{sys.version_info[0]}.{sys.version_info[1]}", "python3"}
    found = [
        base / "lib" / name / kind for name in names for kind in ("site-packages", "dist-packages")
    ]
    found += [base / "local" / "lib" / name / "dist-packages" for name in names]
    found += [Path("/usr/local/lib") / name / "dist-packages" for name in names]
    found.append(Path("/usr/lib/python3/dist-packages"))
    return [folder for folder in dict.fromkeys(found) if folder.is_dir()]


def _packages():
    """Yield (name, folder) of the packages that submissions may import."""
    for name in ("numpy", "scipy"):
        home = Path(importlib.util.find_spec(name).origin).parent
        for folder in (home, home.with_name(f"{name}.libs")):
            if folder.is_dir():
                yield folder.name, folder


def _system():
    """Yield the words that bind the system, read-only."""
    for path in map(Path, SYSTEM):
        if path.is_symlink():
            yield from ("--symlink", os.readlink(path), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))


def _interpreter():
    """Yield the words that bind the interpreter, and hide the packages that lie in it."""
    base = Path(sys.base_prefix)
    outside = not base.is_relative_to("/usr")
    if outside:
        yield from ("--ro-bind", str(base), "/sandbox/python")
    for folder in site_folders():
        if folder.is_relative_to(base) and outside:
            yield from ("--tmpfs", f"/sandbox/python/{folder.relative_to(base)}")
        elif folder.is_relative_to("/usr"):
            yield from ("--tmpfs", str(folder))


def _python():
    """Return the interpreter's path inside the sandbox."""
    name = f"bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    base = Path(sys.base_prefix)
    return str(base / name) if base.is_relative_to("/usr") else f"/sandbox/python/{name}"


def _rights():
    """Return (words for bubblewrap, words before the interpreter) that make it another user.

    A superuser's processes are not counted against the limit of processes, not even in a
    namespace of their own; so a superuser changes to a user that no system has.
    """
    user = FIRST_USER + (os.getpid() * 97 + next(_users)) % 1_000_000
    if os.geteuid() != 0:
        return ["--unshare-all", "--uid", str(user), "--gid", str(user)], []
    spaces = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    needed = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")
    caps = [word for cap in needed for word in ("--cap-add", cap)]
    drop = [f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    drop += ["--inh-caps=-all", "--bounding-set=-all", "--"]
    setpriv = shutil.which("setpriv") or "/usr/bin/setpriv"
    return [*spaces, "--unshare-cgroup-try", "--cap-drop", "ALL", *caps], [setpriv, *drop]


@cache
def _sizes_known():
    """Return whether this bubblewrap can limit the size of a temporary folder."""
    text = subprocess.run(["bwrap", "--help"], capture_output=True, text=True).stdout
    return "--size" in text and "--perms" in text


def command(limits=None):
    """Return the command line that runs the worker in the sandbox."""
    spaces, drop = _rights()
    environment = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "HOME": "/tmp"}
    environment |= {name: os.environ[name] for name in KEPT if name in os.environ}
    words = ["bwrap", *spaces, "--die-with-parent", "--new-session", "--clearenv"]
    for name, value in environment.items():
        words += ["--setenv", name, value]
    words += [*_system(), "--dev", "/dev", "--dir", "/sandbox", "--dir", "/sandbox/lib"]
    words += _interpreter()
    for name, folder in _packages():
        words += ["--ro-bind", str(folder), f"/sandbox/lib/{name}"]
    for name in FILES:
        words += ["--ro-bind", str(HERE / name), f"/sandbox/{name}"]
    words += ["--ro-bind", str(DATA), "/sandbox/data"]
    if _sizes_known():
        words += ["--size", "16777216", "--perms", "1777", "--tmpfs", "/tmp"]
    else:
        words += ["--dir", "/tmp"]
    words += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp", "--"]
    limit = (limits or Limits()).command()
    return [*words, *limit, *drop, _python(), "-I", "-S", "/sandbox/worker.py"]


def unsandboxed_command():
    """Return the command line that runs the worker with the rights of whoever grades."""
    return [sys.executable, "-I", str(HERE / "worker.py")]


def require():
    """Raise NoSandbox, with what to do, unless the sandbox runs here."""
    if shutil.which("bwrap") is None:
        raise NoSandbox(MISSING)
    warm_up()
    request = b'{"cells": [], "skip": [], "values": [], "calls": []}'
    run = subprocess.run(command(), input=request, capture_output=True, timeout=60)
    if b'"done": true' not in run.stdout:
        lines = run.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise NoSandbox(REFUSED.format(reason=lines[-1]))


@cache
def warm_up():
    """Have NumPy and SciPy compiled once: the sandbox may not write the compiled files."""
    code = "import numpy, scipy.special, scipy.stats, scipy.optimize"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
