/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion: see completion.h. */
#include "cli/completion.h"

#include <string.h>

#include "cli/completion_private.h"
#include "cli/options_apply.h"
#include "engine/fault.h"
#include "trace/guide.h"

static void add_word(struct text *words, const char *word, const char *end)
{
	text_addf(words, "%s%s%s", words->len == 0 ? "" : " ", word, end);
}

/* The kinds of --trace; those that need a file go on with it. */
static void add_trace_kinds(struct text *words)
{
	const struct sink_kind *kind;

	for (size_t i = 0; (kind = sink_kind_at(i)) != NULL; i++)
		add_word(words, kind->name, kind->needs_file ? ":" : "");
}

static void add_faults(struct text *words)
{
	for (size_t kind = 0; kind < FAULT_KIND_COUNT; kind++)
		add_word(words, fault_record((enum fault_kind)kind)->word, "=");
}

enum completes completion_of_option(const struct option_record *option, struct text *words)
{
	if (option->apply == apply_trace)
		add_trace_kinds(words);
	else if (option->apply == apply_fault)
		add_faults(words);
	for (size_t i = 0; option->words != NULL && option->words[i].word != NULL; i++)
		add_word(words, option->words[i].word, "");
	if (words->len > 0)
		return COMPLETES_WORDS;
	return strstr(option->argument, "FILE") != NULL || strstr(option->argument, "PATH") != NULL ? COMPLETES_FILES :
												    COMPLETES_NOTHING;
}

void completion_add_kinds(const struct command *command, struct text *words)
{
	const struct endpoint_kind *kind;

	for (size_t i = 0; (kind = endpoint_kind_at(i)) != NULL; i++)
		if ((kind->roles & command->role) != 0)
			add_word(words, kind->name, kind->form == FORM_NONE ? "" : ":");
}

void completion_add_topics(struct text *words)
{
	const char *name;

	for (size_t i = 0; (name = guide_name_at(NULL, i)) != NULL; i++)
		add_word(words, name, "");
}

void completion_print(FILE *out, enum completion_shell shell)
{
	static void (*const print[])(FILE *out) = {
		[COMPLETION_BASH] = completion_print_bash,
		[COMPLETION_ZSH] = completion_print_zsh,
		[COMPLETION_FISH] = completion_print_fish,
	};

	print[shell](out);
}
