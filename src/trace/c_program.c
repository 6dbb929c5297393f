/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program written down in C: the head, main(), and only then, since it is known what they call, the #include lines
 * and functions that stand before it.
 */
#include "trace/c_program.h"

#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "trace/c_calls.h"
#include "trace/c_headers.h"
#include "trace/c_helpers.h"

#define ARGUMENT_MAX 256 /* of an argument that is shown */

/* An argument as a shell takes it, behind a blank and what stands before it. */
static void add_argument(struct source *line, const char *before, const char *argument)
{
	char escaped[ARGUMENT_MAX];
	size_t len = strlen(argument);
	bool is_plain = len > 0 && argument[strspn(argument, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
							     "0123456789_-+=.,:/@%[]")] == '\0';
	bool is_whole = escape_c(argument, len, escaped, sizeof(escaped)) == len;

	source_addf(line, is_plain ? " %s%s%s" : " %s'%s%s'", before, escaped, is_whole ? "" : "...");
}

/* The name of a file without its directories. */
static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static const char *const intro =
	N_("A program that makes the calls of one run of sockt, in their order:");
static const char *const blocking =
	N_("sockt never waits inside a call: its sockets are non-blocking, and epoll tells which of them is ready. The "
	   "sockets of this program block: each call returns when it is done. The other side sees the same.");
static const char *const both_ends =
	N_("Both ends of its connections are in this program, as they were in the shell. Its sockets block: each "
	   "call returns when it is done, unless O_NONBLOCK says otherwise. A call that waited in the background while "
	   "others were made begins here without waiting, and poll() waits for its end.");
static const char *const bulk =
	N_("The run moved more data than can be written down here. What it sent, this program takes from standard "
	   "input, in the same order: start it with the same input (< FILE).");
static const char *const bulk_relay =
	N_("The run moved data to and fro more often than can be written down here: they are moved as they come.");
static const char *const one_session =
	N_("The run had more than one session. This program makes the first of them; a server that goes on calls "
	   "accept() again, in a loop.");

static const char *const one_peer =
	N_("The run had more than one session, each with another sender of datagrams. This program makes the first of "
	   "them; a server that goes on calls recvfrom() again, in a loop.");
static const char *const sandboxed =
	N_("The run had a network of its own (sandbox), with nothing but loopback in it. A program does not make one "
	   "for itself: this one takes the network that it finds. Started by 'unshare -Urn' it has one like that, "
	   "where loopback is to be switched on first ('ip link set lo up').");
static const char *const passed =
	N_("The run handed its connection to another process (--pass-fd). A program would call sendmsg() with "
	   "SCM_RIGHTS (cmsg(3)) before close(); this one only makes the connection.");
static const char *const other_user =
	N_("The run became another user once its socket was ready (--user). A program would call setgroups(), setgid() "
	   "and setuid() there, in this order; this one stays who starts it.");
static const char *const faults =
	N_("The run did harm to its connections on purpose (--fault). What that did to calls is here, as an early end; "
	   "the delays, and what was done to messages on their way, are not.");
static const char *const cut =
	N_("The run made more calls than are written down here: those behind the last one are left out.");

/* How to compile and start the program in file, whose name a compiler knows by its end. */
static void add_compiling(struct source *text, const char *file)
{
	size_t len = strlen(file);
	bool is_c = len > 2 && len < ARGUMENT_MAX && strcmp(file + len - 2, ".c") == 0;
	char name[ARGUMENT_MAX];

	snprintf(name, sizeof(name), "%.*s", (int)(is_c ? len - 2 : 0), file);
	if (!is_c)
		snprintf(name, sizeof(name), "program");
	source_addf(text, "\n%s\n" SOURCE_AS_IT_IS "cc -Wall -Wextra%s -o", _("Compile and start it:"),
		    is_c ? "" : " -x c");
	add_argument(text, "", name);
	add_argument(text, "", file);
	source_add(text, " &&");
	add_argument(text, "./", name);
}

/* Does it take datagrams from anyone? */
static bool is_unconnected(const struct program_socket *socket)
{
	return socket != NULL && socket->role == PROGRAM_ROLE_UNCONNECTED;
}

/* The comment at the top: what this is, and how to compile it. */
static void write_head(struct source *source, const struct program *program, const struct c_run *run)
{
	struct source text = { .depth = 0 };
	struct source command = { .depth = 0 };

	source_add(&command, "sockt");
	for (int i = 1; i < run->argc; i++)
		add_argument(&command, "", run->argv[i]);
	source_addf(&text, "%s\n" SOURCE_AS_IT_IS, _(intro));
	buf_append(&text.text, buf_peek(&command.text), command.text.len);
	if (run->file != NULL)
		add_compiling(&text, base_of(run->file));
	source_addf(&text, "\n%s", _(program->is_whole ? both_ends : blocking));
	if (program->is_bulk)
		source_addf(&text, "\n%s", _(program->is_relay ? bulk_relay : bulk));
	if (program->has_others)
		source_addf(&text, "\n%s", _(is_unconnected(program->client) ? one_peer : one_session));
	if (program->has_sandbox)
		source_addf(&text, "\n%s", _(sandboxed));
	if (program->has_passed)
		source_addf(&text, "\n%s", _(passed));
	if (program->has_user)
		source_addf(&text, "\n%s", _(other_user));
	if (program->has_faults)
		source_addf(&text, "\n%s", _(faults));
	if (program->is_cut)
		source_addf(&text, "\n%s", _(cut));
	buf_append(&text.text, "", 1);
	source_comment(source, buf_peek(&text.text));
	buf_clear(&text.text);
	buf_clear(&command.text);
}

/* Statements; those of a connect() that was given up, while another succeeded, are only told of. */
static void write_list(struct c_writer *writer, const struct program_list *list)
{
	/* In a whole program each socket stands for itself. */
	bool has_winner = !writer->program->is_whole && program_has_winner(writer->program);
	char line[ADDR_TEXT_MAX + 256], shown[ADDR_TEXT_MAX];

	for (const struct program_statement *at = list->first; at != NULL; at = at->next) {
		if (!has_winner || at->socket == NULL || at->socket->role != PROGRAM_ROLE_GIVEN_UP) {
			c_call_write(writer, at);
		} else if (at->op == PROGRAM_CONNECT) {
			snprintf(line, sizeof(line),
				 _("The run also began to connect to %s, and gave it up when another address had "
				   "answered. A connect() that blocks would wait for it; so it is left out."),
				 addr_format(&at->addr, shown, sizeof(shown)));
			source_comment(&writer->body, line);
			source_add(&writer->body, "\n");
		}
	}
}

/* The end of main(): what is still open is closed, files of sockets are removed. */
static void write_ending(struct c_writer *writer)
{
	bool has_closed = false;

	for (const struct program_socket *socket = writer->program->sockets; socket != NULL; socket = socket->next) {
		if (socket->is_closed)
			continue;
		c_call_close(writer, socket);
		has_closed = true;
	}
	for (const struct program_socket *socket = writer->program->sockets; socket != NULL; socket = socket->next)
		has_closed = c_call_unlink(writer, socket) || has_closed;
	if (has_closed)
		source_add(&writer->body, "\n");
	if (writer->has_failed && !writer->program->is_whole)
		source_line(&writer->body, "return 1; /* %s */", _("the run failed"));
	else
		source_line(&writer->body, "return 0;");
}

void c_program_write(struct source *source, const struct program *program, const struct c_run *run)
{
	struct c_writer writer = { .program = program, .body = { .depth = 1 } };

	for (struct program_socket *socket = program->sockets; socket != NULL; socket = socket->next)
		socket->is_declared = false;
	write_list(&writer, &program->list);
	for (const struct program_socket *socket = program->sockets; socket != NULL; socket = socket->next)
		write_list(&writer, &socket->held);
	write_ending(&writer);
	buf_append(&writer.body.text, "", 1);

	write_head(source, program, run);
	source_line(source, "#define _DEFAULT_SOURCE /* %s */",
		    _("POSIX.1-2008, and the socket options of Linux"));
	source_line(source, "%s", "");
	c_headers_write(source, buf_peek(&writer.body.text), writer.helpers);
	source_add(source, "\n");
	buf_append(&source->text, buf_peek(&writer.data.text), writer.data.text.len);
	c_helpers_write(source, writer.helpers);
	source_add(source, "int main(void)\n{\n");
	source_add(source, buf_peek(&writer.body.text));
	source_add(source, "}\n");
	buf_clear(&writer.body.text);
	buf_clear(&writer.data.text);
}
