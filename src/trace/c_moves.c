/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements of a program that move data, as C: calls of the functions of c_helpers.c. */
#include "trace/c_moves.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "trace/c_address.h"
#include "trace/c_helpers.h"
#include "trace/c_looks.h"
#include "trace/c_waits.h"
#include "trace/names.h"

static void uses(struct c_writer *writer, enum c_helper helper)
{
	writer->helpers |= 1U << helper;
}

/* The variables that hold whom a datagram came from, before the first use. */
static void need_peer(struct c_writer *writer)
{
	if (writer->has_peer)
		return;
	writer->has_peer = true;
	source_line(&writer->body, "struct sockaddr_storage peer; /* %s */", _("who sent the last datagram"));
	source_line(&writer->body, "socklen_t peer_length;");
}

/* The variable for a byte that nobody looks at, before the first use. */
static void need_byte(struct c_writer *writer)
{
	if (!writer->has_byte)
		source_line(&writer->body, "char byte;");
	writer->has_byte = true;
}

/* `for (...)`, where a call is made more than once; its body is one line deeper. */
static void begin_loop(struct c_writer *writer, uint64_t count)
{
	if (count <= 1)
		return;
	source_line(&writer->body, "for (int i = 0; i < %" PRIu64 "; i++)", count);
	writer->body.depth++;
}

static void end_loop(struct c_writer *writer, uint64_t count)
{
	if (count > 1)
		writer->body.depth--;
}

/* Is it sent to whom a datagram came from? */
static bool is_answer(const struct program_socket *socket)
{
	return socket->role == PROGRAM_ROLE_UNCONNECTED;
}

/*
 * The arguments `data, length`, in the line that was begun, or as an array, or on lines of their own.
 *   columns   that the line has, with what follows
 */
static void add_data(struct c_writer *writer, const struct program_statement *statement, size_t columns)
{
	size_t len = statement->bytes;

	if (source_is_short(statement->data, len, columns)) {
		source_add(&writer->body, " ");
		source_string(&writer->body, statement->data, len);
	} else {
		source_add(&writer->body, "\n");
		writer->body.depth += 2;
		source_strings(&writer->body, statement->data, len);
		writer->body.depth -= 2;
	}
	source_addf(&writer->body, ", %zu", len);
}

/* Data that are no text, or a long one, stand before main(). Returns whether they do; name is then theirs. */
static bool put_aside(struct c_writer *writer, const struct program_statement *statement, char name[C_NAME_MAX])
{
	if (statement->bytes == 0 || source_is_text(statement->data, statement->bytes))
		return false;
	c_array_write(writer, statement->data, statement->bytes, name);
	return true;
}

static void send_input(struct c_writer *writer, const struct program_statement *statement, const char *name)
{
	if (!program_has_messages(statement->socket)) {
		uses(writer, C_SEND_INPUT);
		source_line(&writer->body, "send_input(%s, %" PRIu64 ");", name, statement->bytes);
		return;
	}
	uses(writer, C_SEND_INPUT_MESSAGE);
	begin_loop(writer, statement->count);
	if (is_answer(statement->socket))
		source_line(&writer->body,
			    "send_input_message(%s, (struct sockaddr *)&peer, peer_length, %" PRIu64 ");", name,
			    statement->bytes);
	else
		source_line(&writer->body, "send_input_message(%s, NULL, 0, %" PRIu64 ");", name, statement->bytes);
	end_loop(writer, statement->count);
}

/* One message: a call of send() or sendto() itself. */
static void send_message(struct c_writer *writer, const struct program_statement *statement, const char *name)
{
	const char *call = is_answer(statement->socket) ? "sendto" : "send";
	char array[C_NAME_MAX], to[C_ADDRESS_MAX], to_length[C_ARGS_MAX];
	bool is_aside = put_aside(writer, statement, array);

	if (statement->addr.len > 0) {
		c_address_declare(writer, &statement->addr, to, to_length);
		call = "sendto";
	}
	source_indent(&writer->body);
	source_addf(&writer->body, "if (%s(%s,", call, name);
	if (is_aside)
		source_addf(&writer->body, " %s, sizeof(%s)", array, array);
	else
		add_data(writer, statement, 32 + strlen(name));
	if (statement->addr.len > 0)
		source_addf(&writer->body, ", MSG_NOSIGNAL, (struct sockaddr *)&%s, %s) == -1)\n", to, to_length);
	else if (is_answer(statement->socket))
		source_add(&writer->body, ", 0, (struct sockaddr *)&peer, peer_length) == -1)\n");
	else
		source_add(&writer->body, ", MSG_NOSIGNAL) == -1)\n");
	c_failure_write(writer, statement, call, NULL);
}

/* That it failed in the run. */
static void tell_failure(struct c_writer *writer, const char *call, int error)
{
	char line[160], name[32];

	snprintf(line, sizeof(line), _("In the run this %1$s failed: %2$s (%3$s)."), call, strerror(error),
		 name_errno(error, name, sizeof(name)));
	source_comment(&writer->body, line);
	writer->has_failed = true;
}

/* The flags besides MSG_NOSIGNAL, as an argument. Returns dst. */
static const char *flag_words(int flags, char dst[C_ARGS_MAX])
{
	snprintf(dst, C_ARGS_MAX, "%s%s%s%s", (flags & MSG_DONTWAIT) != 0 ? " | MSG_DONTWAIT" : "",
		 (flags & MSG_OOB) != 0 ? " | MSG_OOB" : "", (flags & MSG_MORE) != 0 ? " | MSG_MORE" : "",
		 (flags & MSG_PEEK) != 0 ? " | MSG_PEEK" : "");
	return dst;
}

/* Make a variable that holds the bytes of a statement: repeated, or, where they are not written down, read. */
static void make_data(struct c_writer *writer, const struct program_statement *statement, char name[C_NAME_MAX])
{
	if (statement->data != NULL && statement->period == 0) {
		c_array_write(writer, statement->data, statement->bytes, name);
		return;
	}
	writer->arrays++;
	snprintf(name, C_NAME_MAX, "data%u", writer->arrays);
	source_indent(&writer->body);
	if (statement->period == 0) {
		uses(writer, C_TAKE_INPUT);
		source_addf(&writer->body, "char *%s = take_input(%" PRIu64 ");\n", name, statement->bytes);
		return;
	}
	uses(writer, C_REPEAT);
	source_addf(&writer->body, "char *%s = repeat(", name);
	source_string(&writer->body, statement->data, statement->period);
	source_addf(&writer->body, ", %zu, %" PRIu64 ");\n", statement->period, statement->bytes);
}

/* Give back what make_data() has made. */
static void free_data(struct c_writer *writer, const struct program_statement *statement, const char *name)
{
	if (statement->data == NULL || statement->period > 0)
		source_line(&writer->body, "free(%s);", name);
}

/* A send that takes what there is room for, or that has its bytes in a variable. */
static void send_made(struct c_writer *writer, const struct program_statement *statement, const char *name)
{
	char array[C_NAME_MAX], to[C_ADDRESS_MAX], to_length[C_ARGS_MAX], flags[C_ARGS_MAX], line[128];

	flag_words(statement->flags, flags);
	if (statement->addr.len > 0)
		c_address_declare(writer, &statement->addr, to, to_length);
	make_data(writer, statement, array);
	if (statement->is_some) {
		uses(writer, C_SEND_SOME);
		snprintf(line, sizeof(line), _("In the run it took %1$" PRIu64 " of %2$" PRIu64 " bytes."),
			 statement->taken, statement->bytes);
		source_comment(&writer->body, line);
		source_line(&writer->body, "send_some(%s, %s, %" PRIu64 ", %s);", name, array, statement->bytes,
			    flags[0] == '\0' ? "0" : flags + strlen(" | "));
	} else if (statement->addr.len > 0) {
		source_line(&writer->body,
			    "if (sendto(%s, %s, %" PRIu64 ", MSG_NOSIGNAL%s, (struct sockaddr *)&%s, %s) == -1)", name,
			    array, statement->bytes, flags, to, to_length);
		c_failure_write(writer, statement, "sendto", NULL);
	} else if (program_has_messages(statement->socket) || statement->error != 0) {
		source_line(&writer->body, "if (send(%s, %s, %" PRIu64 ", MSG_NOSIGNAL%s) == -1)", name, array,
			    statement->bytes, flags);
		c_failure_write(writer, statement, "send", NULL);
	} else {
		uses(writer, C_SEND_ALL);
		source_line(&writer->body, "send_all(%s, %s, %" PRIu64 ");", name, array, statement->bytes);
	}
	free_data(writer, statement, array);
}

void c_move_pass(struct c_writer *writer, const struct program_statement *statement)
{
	char name[C_NAME_MAX], to[C_NAME_MAX], array[C_NAME_MAX];

	uses(writer, C_PASS);
	make_data(writer, statement, array);
	source_line(&writer->body, "pass(%s, %s%s, %" PRIu64 ", %s, %" PRIu64 ");",
		    c_socket_name(writer->program, statement->socket, name),
		    statement->data != NULL && statement->period == 0 ? "(const char *)" : "", array, statement->bytes,
		    c_socket_name(writer->program, statement->to, to), statement->bytes_back);
	free_data(writer, statement, array);
}

void c_move_send(struct c_writer *writer, const struct program_statement *statement)
{
	char name[C_NAME_MAX], array[C_NAME_MAX];

	c_socket_name(writer->program, statement->socket, name);
	if (statement->error != 0)
		tell_failure(writer, "send", statement->error);
	if (statement->is_some || statement->period > 0) {
		send_made(writer, statement, name);
		return;
	}
	if (is_answer(statement->socket))
		need_peer(writer);
	if (statement->data == NULL && statement->bytes > 0) {
		send_input(writer, statement, name);
	} else if (program_has_messages(statement->socket) || (writer->program->is_whole && statement->error != 0)) {
		/* Of a whole program a call that has failed is no end. */
		send_message(writer, statement, name);
	} else if (put_aside(writer, statement, array)) {
		uses(writer, C_SEND_ALL);
		source_line(&writer->body, "send_all(%s, %s, sizeof(%s));", name, array, array);
	} else {
		uses(writer, C_SEND_ALL);
		source_indent(&writer->body);
		source_addf(&writer->body, "send_all(%s,", name);
		add_data(writer, statement, 24 + strlen(name));
		source_add(&writer->body, ");\n");
	}
}

/* A comment behind a call that receives until the end: how much that was in the run. Returns dst. */
static const char *in_the_run(const struct program_statement *statement, char dst[C_ARGS_MAX])
{
	if (statement->bytes == 0)
		snprintf(dst, C_ARGS_MAX, "/* %s */", _("nothing more came in the run"));
	else if (statement->bytes == 1)
		snprintf(dst, C_ARGS_MAX, "/* %s */", _("1 byte in the run"));
	else
		snprintf(dst, C_ARGS_MAX, _("/* %" PRIu64 " bytes in the run */"), statement->bytes);
	return dst;
}

static void receive_messages(struct c_writer *writer, const struct program_statement *statement, const char *name)
{
	if (is_answer(statement->socket))
		need_peer(writer);
	begin_loop(writer, statement->count);
	if (is_answer(statement->socket)) {
		uses(writer, C_RECEIVE_FROM);
		source_line(&writer->body, "receive_from(%s, &peer, &peer_length);", name);
	} else {
		uses(writer, C_RECEIVE_MESSAGE);
		source_line(&writer->body, "receive_message(%s);", name);
	}
	end_loop(writer, statement->count);
}

/* The urgent byte, which goes past the stream. */
static void receive_urgent(struct c_writer *writer, const struct program_statement *statement, const char *name)
{
	need_byte(writer);
	source_line(&writer->body, "if (recv(%s, &byte, 1, MSG_OOB) == -1)", name);
	c_failure_write(writer, statement, "recv", NULL);
}

void c_move_receive(struct c_writer *writer, const struct program_statement *statement)
{
	char name[C_NAME_MAX], run[C_ARGS_MAX];

	c_socket_name(writer->program, statement->socket, name);
	c_wait_ready(writer, statement, (statement->flags & MSG_OOB) != 0 ? "POLLPRI" : "POLLIN");
	if ((statement->flags & MSG_OOB) != 0) {
		receive_urgent(writer, statement, name);
	} else if ((statement->flags & MSG_PEEK) != 0) {
		c_look_peek(writer, statement, name);
	} else if (statement->is_silent) {
		uses(writer, C_DISCARD);
		source_line(&writer->body, "discard(%s, %" PRIu64 ");", name, statement->bytes);
	} else if (statement->has_end) {
		uses(writer, C_RECEIVE_TO_END);
		source_line(&writer->body, "receive_to_end(%s); %s", name, in_the_run(statement, run));
	} else if (program_has_messages(statement->socket)) {
		receive_messages(writer, statement, name);
	} else {
		uses(writer, C_RECEIVE);
		source_line(&writer->body, "receive(%s, %" PRIu64 ");", name, statement->bytes);
	}
}

static void forward_messages(struct c_writer *writer, const struct program_statement *statement, const char *name,
			     const char *to)
{
	if (is_answer(statement->socket) || is_answer(statement->to))
		need_peer(writer);
	begin_loop(writer, statement->count);
	if (is_answer(statement->socket)) {
		uses(writer, C_FORWARD_FROM);
		source_line(&writer->body, "forward_from(%s, &peer, &peer_length, %s);", name, to);
	} else if (is_answer(statement->to)) {
		uses(writer, C_FORWARD_TO);
		source_line(&writer->body, "forward_to(%s, %s, &peer, peer_length);", name, to);
	} else {
		uses(writer, C_FORWARD_MESSAGE);
		source_line(&writer->body, "forward_message(%s, %s);", name, to);
	}
	end_loop(writer, statement->count);
}

void c_move_forward(struct c_writer *writer, const struct program_statement *statement)
{
	char name[C_NAME_MAX], to[C_NAME_MAX], run[C_ARGS_MAX];

	c_socket_name(writer->program, statement->socket, name);
	c_socket_name(writer->program, statement->to, to);
	if (statement->has_end) {
		uses(writer, C_FORWARD_TO_END);
		source_line(&writer->body, "forward_to_end(%s, %s); %s", name, to, in_the_run(statement, run));
	} else if (program_has_messages(statement->socket)) {
		forward_messages(writer, statement, name, to);
	} else {
		uses(writer, C_FORWARD);
		source_line(&writer->body, "forward(%s, %s, %" PRIu64 ");", name, to, statement->bytes);
	}
}

void c_move_exchange(struct c_writer *writer, const struct program_statement *statement)
{
	char name[C_NAME_MAX], to[C_NAME_MAX];

	c_socket_name(writer->program, statement->socket, name);
	if (statement->to == NULL) {
		uses(writer, C_EXCHANGE);
		source_line(&writer->body, "exchange(%s, %" PRIu64 ", %" PRIu64 ");", name, statement->bytes,
			    statement->bytes_back);
		return;
	}
	uses(writer, C_EXCHANGE_BETWEEN);
	source_line(&writer->body, "exchange_between(%s, %s, %" PRIu64 ", %" PRIu64 ");", name,
		    c_socket_name(writer->program, statement->to, to), statement->bytes, statement->bytes_back);
}

void c_move_failed(struct c_writer *writer, const struct program_statement *statement)
{
	char name[C_NAME_MAX], flags[C_ARGS_MAX];

	c_socket_name(writer->program, statement->socket, name);
	tell_failure(writer, "recv", statement->error);
	need_byte(writer);
	source_line(&writer->body, "if (recv(%s, &byte, 1, %s) == -1)", name,
		    flag_words(statement->flags, flags)[0] == '\0' ? "0" : flags + strlen(" | "));
	c_failure_write(writer, statement, "recv", NULL);
}

void c_move_left_out(struct c_writer *writer, const struct program_statement *statement)
{
	char line[256];

	snprintf(line, sizeof(line),
		 _("Here the run made %1$" PRIu64 " more sends and receives, of %2$" PRIu64 " and %3$" PRIu64
		   " bytes. They are too many to be written down, and left out."),
		 statement->count, statement->bytes, statement->bytes_back);
	source_comment(&writer->body, line);
}
