"""Writes to every open file, also what is no JSON and what is nested too deeply."""

import os


def attack(*_):
    for number in range(3, 20):
        for line in (
            b"not json\n",
            b"[" * 200_000 + b"\n",
            b'{"done": true}\n',
            b"1e999\n",
        ):
            try:
                os.write(number, line)
            except OSError:
                break
    return [1.0]
