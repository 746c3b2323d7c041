# Each task lives in tests/tasks.py, which runs on Windows too.
PYTHON ?= python3
ARGS ?=

.PHONY: setup book serve test execute lint site-test slides bench pdf pyodide lock clean
setup book serve test execute lint site-test slides bench pdf pyodide lock clean:
	@$(PYTHON) tests/tasks.py $@ $(ARGS)
