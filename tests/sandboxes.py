"""Which tests need the sandbox, and why they are skipped where it cannot run."""

from functools import cache

import pytest

from gmmtutor.grading import sandbox


@cache
def reason():
    """Return why the sandbox cannot run here, in one line; empty if it can."""
    try:
        sandbox.require()
    except sandbox.NoSandbox as problem:
        return str(problem).splitlines()[0]
    except OSError as problem:
        return str(problem)
    return ""


needs_sandbox = pytest.mark.skipif("__import__('sandboxes').reason()", reason="no sandbox here")
