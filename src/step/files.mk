# SPDX-License-Identifier: GPL-3.0-or-later
# The files of this floor, headers too, one a line, paths from the top of the tree, in the order of the alphabet.
# Every line but the last ends with a backslash; make runs automake again by itself when this file changes.
sources_step = \
	src/step/calls.c \
	src/step/calls.h \
	src/step/calls_messages.c \
	src/step/capture.c \
	src/step/capture.h \
	src/step/capture_match.c \
	src/step/capture_private.h \
	src/step/child.c \
	src/step/child.h \
	src/step/env.c \
	src/step/env.h \
	src/step/errqueue.c \
	src/step/errqueue.h \
	src/step/look.c \
	src/step/loop.c \
	src/step/loop.h \
	src/step/netlink.c \
	src/step/netlink.h \
	src/step/observe.c \
	src/step/observe.h \
	src/step/packet_conn.c \
	src/step/packet_filter.c \
	src/step/packet_filter.h \
	src/step/packet_ring.c \
	src/step/packet_ring.h \
	src/step/packet_table.c \
	src/step/packet_table.h \
	src/step/pipes.c \
	src/step/pipes.h \
	src/step/probe.c \
	src/step/probe.h \
	src/step/procfs.c \
	src/step/procfs.h \
	src/step/resolve.c \
	src/step/resolve.h \
	src/step/route.c \
	src/step/route.h \
	src/step/sandbox.c \
	src/step/sandbox.h \
	src/step/sight.c \
	src/step/sight.h \
	src/step/sock.c \
	src/step/sock.h \
	src/step/sockdiag.c \
	src/step/sockdiag.h \
	src/step/sockdiag_unix.c \
	src/step/step.c \
	src/step/step.h \
	src/step/steps.c \
	src/step/tcpinfo.c \
	src/step/tcpinfo.h \
	src/step/timers.c \
	src/step/timers.h
