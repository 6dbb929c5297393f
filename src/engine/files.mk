# SPDX-License-Identifier: GPL-3.0-or-later
# The files of this floor, headers too, one a line, paths from the top of the tree, in the order of the alphabet.
# Every line but the last ends with a backslash; make runs automake again by itself when this file changes.
sources_engine = \
	src/engine/diagnose.c \
	src/engine/diagnose.h \
	src/engine/diagnose_values.c \
	src/engine/diagnose_values.h \
	src/engine/diagnosis_bind.c \
	src/engine/diagnosis_connect.c \
	src/engine/diagnosis_data.c \
	src/engine/diagnosis_other.c \
	src/engine/diagnosis_unix.c \
	src/engine/facts.c \
	src/engine/facts.h \
	src/engine/facts_path.c \
	src/engine/icmp_words.c \
	src/engine/icmp_words.h \
	src/engine/report.c \
	src/engine/report.h
