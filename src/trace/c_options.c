/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Socket options in a program as C: see c_options.h. */
#include "trace/c_options.h"

#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "trace/names.h"

#define TEXT_SIZE 256 /* of a value that is no number */

/* The name of the option, or its number. Returns dst. */
static const char *option_word(const struct program_statement *statement, char dst[C_VALUE_MAX])
{
	const struct name_table *options = names_of_level(statement->level);
	const char *name = options == NULL ? NULL : name_of(options, statement->optname);

	if (name != NULL)
		snprintf(dst, C_VALUE_MAX, "%s", name);
	else
		snprintf(dst, C_VALUE_MAX, "%d", statement->optname);
	return dst;
}

/* Set the variable that the value of an option is in; args gets its address and length. */
static void write_int(struct c_writer *writer, int number, char args[C_ARGS_MAX])
{
	if (number == 0 || number == 1) {
		bool *has = number == 1 ? &writer->has_on : &writer->has_off;
		const char *word = number == 1 ? "on" : "off";

		if (!*has)
			source_line(&writer->body, "const int %s = %d;", word, number);
		*has = true;
		snprintf(args, C_ARGS_MAX, "&%s, sizeof(%s)", word, word);
		return;
	}
	source_line(&writer->body, "%svalue = %d;", writer->has_value ? "" : "int ", number);
	writer->has_value = true;
	snprintf(args, C_ARGS_MAX, "&value, sizeof(value)");
}

/* A variable, before its first use. */
static void declare(struct c_writer *writer, bool *has, const char *declaration)
{
	if (!*has)
		source_line(&writer->body, "%s", declaration);
	*has = true;
}

static void write_linger(struct c_writer *writer, const struct linger *linger, char args[C_ARGS_MAX])
{
	declare(writer, &writer->has_linger, "struct linger linger;");
	source_line(&writer->body, "linger.l_onoff = %d;", linger->l_onoff);
	source_line(&writer->body, "linger.l_linger = %d;", linger->l_linger);
	snprintf(args, C_ARGS_MAX, "&linger, sizeof(linger)");
}

void c_option_set(struct c_writer *writer, const struct program_statement *statement)
{
	char name[C_NAME_MAX], level[C_VALUE_MAX], option[C_VALUE_MAX], args[C_ARGS_MAX], what[C_ARGS_MAX];
	struct linger linger;
	int number;

	option_word(statement, option);
	if (statement->level == SOL_SOCKET && statement->optname == SO_LINGER &&
	    statement->option_len == sizeof(linger)) {
		memcpy(&linger, statement->option, sizeof(linger));
		write_linger(writer, &linger, args);
	} else if (statement->option_len == sizeof(number)) {
		memcpy(&number, statement->option, sizeof(number));
		write_int(writer, number, args);
	} else {
		c_array_write(writer, statement->option, statement->option_len, name);
		snprintf(args, sizeof(args), "%s, sizeof(%s)", name, name);
	}
	source_line(&writer->body, "if (setsockopt(%s, %s, %s, %s) == -1)",
		    c_socket_name(writer->program, statement->socket, name),
		    name_or_number(&names_sol, statement->level, level, sizeof(level)), option, args);
	snprintf(what, sizeof(what), "setsockopt %s", option);
	c_failure_write(writer, statement, what, NULL);
}

/* What a value is. */
enum form {
	FORM_INT = 0,
	FORM_TIME,
	FORM_LINGER,
	FORM_WORD,
	FORM_OTHER, /* a struct of its own, which is not shown */
	FORM_COUNT
};

static enum form form_of(const struct program_statement *statement)
{
	int option = statement->optname;

	if (statement->level == SOL_SOCKET && option == SO_LINGER)
		return FORM_LINGER;
	if (statement->level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO))
		return FORM_TIME;
	if ((statement->level == SOL_SOCKET && option == SO_BINDTODEVICE) ||
	    (statement->level == IPPROTO_TCP && (option == TCP_CONGESTION || option == TCP_ULP)))
		return FORM_WORD;
	return statement->option_len == sizeof(int) ? FORM_INT : FORM_OTHER;
}

/* The variable for a value of the form, before its first use. Returns its name. */
static const char *declare_value(struct c_writer *writer, enum form form)
{
	char text[C_ARGS_MAX];

	switch (form) {
	case FORM_INT:
		declare(writer, &writer->has_answer, "int answer;");
		return "answer";
	case FORM_TIME:
		declare(writer, &writer->has_timeout, "struct timeval timeout;");
		return "timeout";
	case FORM_LINGER:
		declare(writer, &writer->has_linger, "struct linger linger;");
		return "linger";
	case FORM_WORD:
	case FORM_OTHER:
	case FORM_COUNT:
		break;
	}
	snprintf(text, sizeof(text), "char text[%d] = \"\";", TEXT_SIZE);
	declare(writer, &writer->has_text, text);
	return "text";
}

void c_option_get(struct c_writer *writer, const struct program_statement *statement)
{
	static const char *const shows[FORM_COUNT] = {
		[FORM_INT] = "fprintf(stderr, \"%s is %%d\\n\", answer);",
		[FORM_TIME] = "fprintf(stderr, \"%s is %%lld.%%06ld s\\n\", (long long)timeout.tv_sec, "
			      "(long)timeout.tv_usec);",
		[FORM_LINGER] = "fprintf(stderr, \"%s is %%s, %%d s\\n\", linger.l_onoff ? \"on\" : \"off\", "
				"linger.l_linger);",
		[FORM_WORD] = "fprintf(stderr, \"%s is %%.*s\\n\", (int)length, text);",
		[FORM_OTHER] = "fprintf(stderr, \"%s has %%u bytes\\n\", (unsigned)length);",
	};
	enum form form = form_of(statement);
	const char *variable = declare_value(writer, form), *by_address = strcmp(variable, "text") == 0 ? "" : "&";
	char name[C_NAME_MAX], level[C_VALUE_MAX], option[C_VALUE_MAX], what[C_ARGS_MAX], line[C_ARGS_MAX * 2];

	option_word(statement, option);
	declare(writer, &writer->has_length, "socklen_t length;");
	source_line(&writer->body, "length = sizeof(%s);", variable);
	source_line(&writer->body, "if (getsockopt(%s, %s, %s, %s%s, &length) == -1)",
		    c_socket_name(writer->program, statement->socket, name),
		    name_or_number(&names_sol, statement->level, level, sizeof(level)), option, by_address, variable);
	snprintf(what, sizeof(what), "getsockopt %s", option);
	c_failure_write(writer, statement, what, NULL);
	if (statement->error != 0)
		return;
	/* The name of the option is put in by us, the conversions behind it are those of the program. */
	snprintf(line, sizeof(line), shows[form], option);
	source_line(&writer->body, "%s", line);
}
