# SPDX-License-Identifier: GPL-3.0-or-later
# The unit tests: the program tests/unit/test_x is made of tests/unit/test_x.c, cmocka and libsockt.a; naming it here is
# all. A test of more than one file also needs a line tests_unit_test_x_SOURCES = ... at the end.
unit_tests = \
	tests/unit/test_base_addr \
	tests/unit/test_base_buf \
	tests/unit/test_base_decimal \
	tests/unit/test_base_escape \
	tests/unit/test_base_near \
	tests/unit/test_base_parse \
	tests/unit/test_base_pool \
	tests/unit/test_base_screen \
	tests/unit/test_base_template \
	tests/unit/test_base_term \
	tests/unit/test_base_unescape \
	tests/unit/test_base_utf8 \
	tests/unit/test_base_util \
	tests/unit/test_base_wrap \
	tests/unit/test_cli_activation \
	tests/unit/test_cli_help \
	tests/unit/test_cli_history \
	tests/unit/test_cli_lessons \
	tests/unit/test_cli_nc \
	tests/unit/test_cli_options \
	tests/unit/test_cli_paste \
	tests/unit/test_cli_shell \
	tests/unit/test_cli_stepping \
	tests/unit/test_endpoint \
	tests/unit/test_endpoint_command_words \
	tests/unit/test_endpoint_demux \
	tests/unit/test_endpoint_foreign \
	tests/unit/test_endpoint_hop \
	tests/unit/test_endpoint_port_list \
	tests/unit/test_endpoint_sockopt_named \
	tests/unit/test_engine_access \
	tests/unit/test_engine_broker \
	tests/unit/test_engine_chat \
	tests/unit/test_engine_commons \
	tests/unit/test_engine_control \
	tests/unit/test_engine_diagnose \
	tests/unit/test_engine_ending \
	tests/unit/test_engine_fault \
	tests/unit/test_engine_fault_line \
	tests/unit/test_engine_fault_messages \
	tests/unit/test_engine_flow \
	tests/unit/test_engine_gate \
	tests/unit/test_engine_goodput \
	tests/unit/test_engine_hub \
	tests/unit/test_engine_info \
	tests/unit/test_engine_link \
	tests/unit/test_engine_shared_hosts \
	tests/unit/test_engine_splice \
	tests/unit/test_engine_waiting \
	tests/unit/test_step_loop \
	tests/unit/test_step_packets \
	tests/unit/test_step_resolve \
	tests/unit/test_step_sight \
	tests/unit/test_step_sockdiag \
	tests/unit/test_step_steps \
	tests/unit/test_step_timers \
	tests/unit/test_stream_batch \
	tests/unit/test_stream_challenge \
	tests/unit/test_stream_crlf \
	tests/unit/test_stream_escape \
	tests/unit/test_stream_frame \
	tests/unit/test_stream_http \
	tests/unit/test_stream_negotiation \
	tests/unit/test_stream_proxy \
	tests/unit/test_stream_reception \
	tests/unit/test_stream_telnet \
	tests/unit/test_stream_turns \
	tests/unit/test_trace_c \
	tests/unit/test_trace_coalesce \
	tests/unit/test_trace_ends \
	tests/unit/test_trace_explain \
	tests/unit/test_trace_guide \
	tests/unit/test_trace_json \
	tests/unit/test_trace_limit \
	tests/unit/test_trace_names \
	tests/unit/test_trace_next \
	tests/unit/test_trace_out \
	tests/unit/test_trace_out_tail \
	tests/unit/test_trace_packet \
	tests/unit/test_trace_page \
	tests/unit/test_trace_pcap \
	tests/unit/test_trace_picture \
	tests/unit/test_trace_text \
	tests/unit/test_trace_wire

# Headers that unit tests share.
unit_headers = \
	tests/unit/check.h \
	tests/unit/fault_bench.h \
	tests/unit/guard.h \
	tests/unit/scripted.h \
	tests/unit/trace_samples.h \
	tests/unit/typed.h

tests_unit_test_engine_flow_SOURCES = tests/unit/test_engine_flow.c tests/unit/scripted.c
tests_unit_test_engine_broker_SOURCES = tests/unit/test_engine_broker.c tests/unit/scripted.c
tests_unit_test_engine_hub_SOURCES = tests/unit/test_engine_hub.c tests/unit/scripted.c
tests_unit_test_stream_crlf_SOURCES = tests/unit/test_stream_crlf.c tests/unit/scripted.c
tests_unit_test_stream_escape_SOURCES = tests/unit/test_stream_escape.c tests/unit/scripted.c
tests_unit_test_stream_frame_SOURCES = tests/unit/test_stream_frame.c tests/unit/scripted.c
tests_unit_test_stream_telnet_SOURCES = tests/unit/test_stream_telnet.c tests/unit/scripted.c
tests_unit_test_stream_turns_SOURCES = tests/unit/test_stream_turns.c tests/unit/scripted.c
tests_unit_test_trace_c_SOURCES = tests/unit/test_trace_c.c tests/unit/trace_samples.c
tests_unit_test_trace_ends_SOURCES = tests/unit/test_trace_ends.c tests/unit/trace_samples.c
tests_unit_test_trace_explain_SOURCES = tests/unit/test_trace_explain.c tests/unit/trace_samples.c
tests_unit_test_trace_coalesce_SOURCES = tests/unit/test_trace_coalesce.c tests/unit/trace_samples.c
tests_unit_test_trace_json_SOURCES = tests/unit/test_trace_json.c tests/unit/trace_samples.c
tests_unit_test_trace_picture_SOURCES = tests/unit/test_trace_picture.c tests/unit/trace_samples.c
tests_unit_test_trace_text_SOURCES = tests/unit/test_trace_text.c tests/unit/trace_samples.c
tests_unit_test_trace_wire_SOURCES = tests/unit/test_trace_wire.c tests/unit/trace_samples.c
tests_unit_test_trace_page_SOURCES = tests/unit/test_trace_page.c tests/unit/trace_samples.c
