# SPDX-License-Identifier: GPL-3.0-or-later
# The unit tests: the program tests/unit/test_x is made of tests/unit/test_x.c, cmocka and libsockt.a; naming it here is
# all. A test of more than one file also needs a line tests_unit_test_x_SOURCES = ... at the end.
unit_tests = \
	tests/unit/test_base_addr \
	tests/unit/test_base_buf \
	tests/unit/test_base_escape \
	tests/unit/test_base_near \
	tests/unit/test_base_parse \
	tests/unit/test_base_term \
	tests/unit/test_base_utf8 \
	tests/unit/test_base_util \
	tests/unit/test_cli_options \
	tests/unit/test_endpoint \
	tests/unit/test_engine_diagnose \
	tests/unit/test_step_sockdiag \
	tests/unit/test_trace_guide

# Headers that unit tests share.
unit_headers = \
	tests/unit/check.h \
	tests/unit/guard.h
