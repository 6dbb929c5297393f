# SPDX-License-Identifier: GPL-3.0-or-later
# The files of this floor, headers too, one a line, paths from the top of the tree, in the order of the alphabet.
# Every line but the last ends with a backslash; make runs automake again by itself when this file changes.
sources_base = \
	src/base/addr.c \
	src/base/addr.h \
	src/base/buf.c \
	src/base/buf.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/decimal.c \
	src/base/decimal.h \
	src/base/escape.c \
	src/base/escape.h \
	src/base/escape_term.c \
	src/base/hash.h \
	src/base/i18n.h \
	src/base/near.c \
	src/base/near.h \
	src/base/parse.c \
	src/base/parse.h \
	src/base/pool.c \
	src/base/pool.h \
	src/base/random.c \
	src/base/random.h \
	src/base/screen.c \
	src/base/screen.h \
	src/base/template.c \
	src/base/template.h \
	src/base/term.c \
	src/base/term.h \
	src/base/unescape.c \
	src/base/unescape.h \
	src/base/utf8.c \
	src/base/utf8.h \
	src/base/util.c \
	src/base/util.h \
	src/base/wrap.c \
	src/base/wrap.h
