# SPDX-License-Identifier: GPL-3.0-or-later
# The files of the end-to-end tests, for the tarball. pytest finds test_*.py by itself, but in a tarball only what is
# named here is there; tests/lint compares this list with the directory.
e2e_files = \
	tests/e2e/docexamples.py \
	tests/e2e/run \
	tests/e2e/test_docs.py
