# SPDX-License-Identifier: GPL-3.0-or-later
# The files of this floor, headers too, one a line, paths from the top of the tree, in the order of the alphabet.
# Every line but the last ends with a backslash; make runs automake again by itself when this file changes.
sources_engine = \
	src/engine/acceptor.c \
	src/engine/acceptor.h \
	src/engine/diagnose.c \
	src/engine/diagnose.h \
	src/engine/diagnose_values.c \
	src/engine/diagnose_values.h \
	src/engine/diagnosis_bind.c \
	src/engine/diagnosis_connect.c \
	src/engine/diagnosis_data.c \
	src/engine/diagnosis_other.c \
	src/engine/diagnosis_unix.c \
	src/engine/dialer.c \
	src/engine/dialer.h \
	src/engine/ending.c \
	src/engine/ending.h \
	src/engine/engine.c \
	src/engine/engine.h \
	src/engine/facts.c \
	src/engine/facts.h \
	src/engine/facts_path.c \
	src/engine/flow.c \
	src/engine/flow.h \
	src/engine/flow_copy.c \
	src/engine/flow_splice.c \
	src/engine/hub.c \
	src/engine/hub.h \
	src/engine/icmp_words.c \
	src/engine/icmp_words.h \
	src/engine/pair.c \
	src/engine/pair.h \
	src/engine/pair_end.c \
	src/engine/pair_flows.c \
	src/engine/pair_hello.c \
	src/engine/pair_private.h \
	src/engine/relay.c \
	src/engine/relay.h \
	src/engine/report.c \
	src/engine/report.h \
	src/engine/run.c \
	src/engine/run.h \
	src/engine/server.c \
	src/engine/server.h \
	src/engine/server_accept.c \
	src/engine/server_datagram.c \
	src/engine/server_private.h \
	src/engine/session.c \
	src/engine/session.h \
	src/engine/session_end.c \
	src/engine/session_flows.c \
	src/engine/session_private.h
