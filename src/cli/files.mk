# SPDX-License-Identifier: GPL-3.0-or-later
# The files of this floor, headers too, one a line, paths from the top of the tree, in the order of the alphabet.
# Every line but the last ends with a backslash; make runs automake again by itself when this file changes.
sources_cli = \
	src/cli/activation.c \
	src/cli/activation.h \
	src/cli/cmd_connect.c \
	src/cli/cmd_help.c \
	src/cli/cmd_listen.c \
	src/cli/cmd_relay.c \
	src/cli/command.h \
	src/cli/commands.c \
	src/cli/dialing.c \
	src/cli/dialing.h \
	src/cli/editor.c \
	src/cli/editor.h \
	src/cli/editor_plain.c \
	src/cli/editor_private.h \
	src/cli/editor_readline.c \
	src/cli/help.c \
	src/cli/help.h \
	src/cli/history.c \
	src/cli/history.h \
	src/cli/options.c \
	src/cli/options.h \
	src/cli/options_apply.c \
	src/cli/options_apply.h \
	src/cli/options_check.c \
	src/cli/options_check.h \
	src/cli/options_foreign.c \
	src/cli/options_mistake.c \
	src/cli/options_mistake.h \
	src/cli/options_table.c \
	src/cli/options_table.h \
	src/cli/options_trace.c \
	src/cli/packets.c \
	src/cli/packets.h \
	src/cli/paste.c \
	src/cli/paste.h \
	src/cli/readline_library.c \
	src/cli/readline_library.h \
	src/cli/ready.c \
	src/cli/ready.h \
	src/cli/relay_commands.c \
	src/cli/relay_commands.h \
	src/cli/relay_workers.c \
	src/cli/relay_workers.h \
	src/cli/running.c \
	src/cli/running.h \
	src/cli/stderr_lines.c \
	src/cli/stderr_lines.h \
	src/cli/telling.c \
	src/cli/telling.h \
	src/cli/usage.c \
	src/cli/usage.h
