# The words that people and CI use. `make demo` and `make test` set up everything they need.
.PHONY: demo test check format setup-core setup-test lock

bin := .venv/bin

demo: setup-core
	@$(bin)/patrol demo

# A worker that dies is not replaced: with files dealt out whole, pytest would wait for it for ever.
test: setup-test
	@$(bin)/python -m pytest --numprocesses 2 --dist loadfile --max-worker-restart 0

check: setup-test
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .
	@$(bin)/mypy
	@$(bin)/lint-imports

format: setup-test
	@$(bin)/ruff check --fix .
	@$(bin)/ruff format .

setup-core:
	@scripts/setup core

setup-test:
	@scripts/setup test

lock:
	@scripts/lock
