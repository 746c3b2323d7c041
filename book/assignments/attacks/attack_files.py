"""Writes wherever it can, until nothing is left."""

import os


def attack(*_):
    written = 0
    for folder in (
        "/",
        "/tmp",
        "/dev/shm",
        "/sandbox",
        "/sandbox/lib",
        "/usr",
        os.path.expanduser("~"),
    ):
        for number in range(50):
            try:
                with open(f"{folder}/junk{number}", "wb") as file:
                    written += file.write(b"x" * 3_000_000)
            except OSError:
                break
    return written
