/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * GNU readline, loaded when an editor is first opened. It is not linked: its relocations and its terminfo library would
 * cost every run of a script a third of its start-up. The headers give the types, the loader the addresses.
 */
#ifndef SOCKT_CLI_READLINE_LIBRARY_H
#define SOCKT_CLI_READLINE_LIBRARY_H

#ifdef HAVE_READLINE

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <readline/history.h>
#include <readline/readline.h>

/* Every name of readline's that is used: functions and variables alike. */
#define READLINE_LIST(X)                \
	X(add_history)                  \
	X(rl_attempted_completion_function) \
	X(rl_attempted_completion_over) \
	X(rl_callback_handler_install)  \
	X(rl_callback_handler_remove)   \
	X(rl_callback_read_char)        \
	X(rl_callback_sigcleanup)       \
	X(rl_catch_signals)             \
	X(rl_catch_sigwinch)            \
	X(rl_change_environment)        \
	X(rl_clear_visible_line)        \
	X(rl_completer_word_break_characters) \
	X(rl_completion_append_character) \
	X(rl_completion_matches)        \
	X(rl_completion_query_items)    \
	X(rl_deprep_term_function)      \
	X(rl_end)                       \
	X(rl_filename_completion_function) \
	X(rl_forced_update_display)     \
	X(rl_free_line_state)           \
	X(rl_get_screen_size)           \
	X(rl_getc_function)             \
	X(rl_initialize)                \
	X(rl_input_available_hook)      \
	X(rl_insert_text)               \
	X(rl_instream)                  \
	X(rl_line_buffer)               \
	X(rl_outstream)                 \
	X(rl_point)                     \
	X(rl_prep_term_function)        \
	X(rl_readline_name)             \
	X(rl_redisplay)                 \
	X(rl_replace_line)              \
	X(rl_reset_screen_size)         \
	X(rl_set_prompt)                \
	X(rl_set_screen_size)           \
	X(rl_tty_set_echoing)           \
	X(rl_variable_bind)             \
	X(stifle_history)               \
	X(where_history)

#define READLINE_MEMBER(name) typeof(name) *name;

struct readline_library {
	void *handle;
	READLINE_LIST(READLINE_MEMBER)
};

#undef READLINE_MEMBER

/* Load it. Returns false, with why in error (size bytes, in the loader's words), where it is not there. */
bool readline_library_load(struct readline_library *library, char *error, size_t size);

/*
 * What rl_readline_name points to; NULL: readline is not loaded. Its callbacks have no context, and this is the one of
 * its variables that holds an address of the program's.
 */
const char *readline_library_name(void);

#endif

#endif
