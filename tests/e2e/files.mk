# SPDX-License-Identifier: GPL-3.0-or-later
# The files of the end-to-end tests and of the benchmark, for the tarball. pytest finds test_*.py by itself, but in a
# tarball only what is named here is there; tests/lint compares this list with the directory.
e2e_files = \
	doc/sockt-trace.schema.json \
	tests/bench/contestants.py \
	tests/bench/judging.py \
	tests/bench/load_datagrams.c \
	tests/bench/load_many.c \
	tests/bench/load_stream.c \
	tests/bench/measure.py \
	tests/bench/relay_work.py \
	tests/bench/relays.py \
	tests/bench/run \
	tests/bench/tool.c \
	tests/bench/tool.h \
	tests/e2e/conftest.py \
	tests/e2e/docexamples.py \
	tests/e2e/facts.py \
	tests/e2e/grid.py \
	tests/e2e/namespaces.py \
	tests/e2e/peers.py \
	tests/e2e/runner.py \
	tests/e2e/straced.py \
	tests/e2e/terminal.py \
	tests/e2e/test_bench.py \
	tests/e2e/test_cli.py \
	tests/e2e/test_costs.py \
	tests/e2e/test_datagrams.py \
	tests/e2e/test_docs.py \
	tests/e2e/test_end.py \
	tests/e2e/test_errors.py \
	tests/e2e/test_grid.py \
	tests/e2e/test_hostile.py \
	tests/e2e/test_injected.py \
	tests/e2e/test_keep_open.py \
	tests/e2e/test_limits.py \
	tests/e2e/test_outputs.py \
	tests/e2e/test_paths.py \
	tests/e2e/test_race.py \
	tests/e2e/test_relay.py \
	tests/e2e/test_relay_activation.py \
	tests/e2e/test_relay_datagram.py \
	tests/e2e/test_relay_ends.py \
	tests/e2e/test_relay_fault.py \
	tests/e2e/test_relay_load.py \
	tests/e2e/test_relay_trace.py \
	tests/e2e/test_relay_proxy.py \
	tests/e2e/test_relay_workers.py \
	tests/e2e/test_resets.py \
	tests/e2e/test_schema.py \
	tests/e2e/test_status.py \
	tests/e2e/test_summary.py \
	tests/e2e/test_talk.py \
	tests/e2e/test_trace_truth.py \
	tests/e2e/test_unix_files.py \
	tests/e2e/trace.py \
	tests/e2e/run
