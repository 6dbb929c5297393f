# SPDX-License-Identifier: GPL-3.0-or-later
# The unit tests: the program tests/unit/test_x is made of tests/unit/test_x.c, cmocka and libsockt.a; naming it here is
# all. A test of more than one file also needs a line tests_unit_test_x_SOURCES = ... at the end.
unit_tests =

# Headers that unit tests share.
unit_headers =
