# SPDX-License-Identifier: GPL-3.0-or-later
# The files of this floor, headers too, one a line, paths from the top of the tree, in the order of the alphabet.
# Every line but the last ends with a backslash; make runs automake again by itself when this file changes.
sources_step = \
	src/step/errqueue.c \
	src/step/errqueue.h \
	src/step/netlink.c \
	src/step/netlink.h \
	src/step/probe.c \
	src/step/probe.h \
	src/step/procfs.c \
	src/step/procfs.h \
	src/step/route.c \
	src/step/route.h \
	src/step/sockdiag.c \
	src/step/sockdiag.h \
	src/step/sockdiag_unix.c
