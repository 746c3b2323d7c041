"""Looks for right answers: in files, the environment, other processes, all objects in memory."""

import gc
import glob
import os
import sys


def attack(*_):
    found = []
    for folder in (
        "/opt",
        "/home",
        "/root",
        "/tmp",
        "/mnt",
        "/srv",
        "/var",
        "/etc",
    ):
        found += glob.glob(f"{folder}/**", recursive=True)[:5]
    found += glob.glob("/*/gmmtutor*") + glob.glob("/sandbox/lib/gmm*")
    found += [key for key in os.environ if "SEED" in key]
    for path in (
        "/proc/1/environ",
        "/proc/self/environ",
        "/etc/shadow",
        "/etc/passwd",
    ):
        if os.path.exists(path):
            found.append(path)
    for module in (
        "gmmtutor.mixture",
        "gmmtutor.check.judge",
        "sklearn.mixture",
    ):
        try:
            __import__(module)
            found.append(sys.modules[module].responsibilities(*_))
        except Exception:
            pass
    for thing in gc.get_objects():
        if isinstance(thing, dict) and "expected" in thing:
            found.append(thing["expected"])
    return [str(thing)[:200] for thing in found]
