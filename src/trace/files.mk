# SPDX-License-Identifier: GPL-3.0-or-later
# The files of this floor, headers too, one a line, paths from the top of the tree, in the order of the alphabet.
# Every line but the last ends with a backslash; make runs automake again by itself when this file changes.
sources_trace = \
	src/trace/bus.c \
	src/trace/bus.h \
	src/trace/event.c \
	src/trace/event.h \
	src/trace/failure.c \
	src/trace/failure.h \
	src/trace/guide.c \
	src/trace/guide.h \
	src/trace/guide_calls.c \
	src/trace/guide_calls_data.c \
	src/trace/guide_calls_look.c \
	src/trace/guide_commands.c \
	src/trace/guide_errors_call.c \
	src/trace/guide_errors_net.c \
	src/trace/guide_errors_resource.c \
	src/trace/guide_ideas.c \
	src/trace/guide_options.c \
	src/trace/guide_resolver.c \
	src/trace/guide_states.c \
	src/trace/guide_topics.h \
	src/trace/guide_words.c \
	src/trace/guide_words_sockt.c \
	src/trace/guide_words_tcp.c \
	src/trace/json.c \
	src/trace/json.h \
	src/trace/json_args.c \
	src/trace/json_args.h \
	src/trace/names.c \
	src/trace/names.h \
	src/trace/names_errno.c \
	src/trace/names_option.c \
	src/trace/names_table.h \
	src/trace/sink.c \
	src/trace/sink.h \
	src/trace/sink_json.c \
	src/trace/sink_out.c \
	src/trace/sink_out.h \
	src/trace/sink_text.c \
	src/trace/sink_wire.c \
	src/trace/sink_wire.h \
	src/trace/step_id.c \
	src/trace/step_id.h \
	src/trace/text_call.c \
	src/trace/text_call.h \
	src/trace/text_facts.c \
	src/trace/text_hex.c \
	src/trace/text_hex.h \
	src/trace/text_words.c \
	src/trace/text_words.h \
	src/trace/wire.c \
	src/trace/wire.h \
	src/trace/wire_reader.c \
	src/trace/wire_values.c \
	src/trace/wire_values.h
