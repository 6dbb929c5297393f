# SPDX-License-Identifier: GPL-3.0-or-later
# The fuzz targets: tests/fuzz/fuzz_x is made of tests/fuzz/fuzz_x.c (LLVMFuzzerTestOneInput) and libsockt.a; naming it
# here is all. Its seeds are the files in tests/fuzz/corpus/x/; they go into the tarball as they are.
fuzz_targets = \
	tests/fuzz/fuzz_access \
	tests/fuzz/fuzz_addr \
	tests/fuzz/fuzz_chat \
	tests/fuzz/fuzz_command_words \
	tests/fuzz/fuzz_control \
	tests/fuzz/fuzz_endpoint \
	tests/fuzz/fuzz_escape \
	tests/fuzz/fuzz_fault \
	tests/fuzz/fuzz_http \
	tests/fuzz/fuzz_nc \
	tests/fuzz/fuzz_packet \
	tests/fuzz/fuzz_parse \
	tests/fuzz/fuzz_port_list \
	tests/fuzz/fuzz_proxy_header \
	tests/fuzz/fuzz_proxy_talk \
	tests/fuzz/fuzz_reception \
	tests/fuzz/fuzz_shell \
	tests/fuzz/fuzz_telnet \
	tests/fuzz/fuzz_typed \
	tests/fuzz/fuzz_wire
