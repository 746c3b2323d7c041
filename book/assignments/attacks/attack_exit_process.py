"""Ends the process, first while it is read, then while it is called."""

import os


def attack(*_):
    os._exit(0)


os._exit(0)
