/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements of a program as C: a writer for each, in one table. Those that move data are in c_moves.c. */
#include "trace/c_calls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "trace/c_address.h"
#include "trace/c_comment.h"
#include "trace/c_helpers.h"
#include "trace/c_looks.h"
#include "trace/c_moves.h"
#include "trace/c_options.h"
#include "trace/c_waits.h"
#include "trace/names.h"


static const char *role_word(const struct program *program, const struct program_socket *socket)
{
	static const char *const words[PROGRAM_ROLE_COUNT] = {
		[PROGRAM_ROLE_UNKNOWN] = "sock",
		[PROGRAM_ROLE_LISTENER] = "listener",
		[PROGRAM_ROLE_ACCEPTED] = "client",
		[PROGRAM_ROLE_CONNECTED] = "sock",
		[PROGRAM_ROLE_ATTEMPT] = "attempt",
		[PROGRAM_ROLE_GIVEN_UP] = "attempt",
		[PROGRAM_ROLE_UNCONNECTED] = "sock",
		[PROGRAM_ROLE_INHERITED] = "inherited",
	};

	/* A role by which it is not told apart from the one connection there is. */
	if (socket->role == PROGRAM_ROLE_CONNECTED && program->is_relay)
		return "target";
	if (!program_has_winner(program) && (socket->role == PROGRAM_ROLE_ATTEMPT || socket->is_connecting))
		return "sock";
	return words[socket->role];
}

const char *c_socket_name(const struct program *program, const struct program_socket *socket, char name[C_NAME_MAX])
{
	const char *word = role_word(program, socket);
	unsigned number = 1;

	for (const struct program_socket *other = program->sockets; other != socket; other = other->next)
		number += strcmp(role_word(program, other), word) == 0;
	if (number == 1)
		snprintf(name, C_NAME_MAX, "%s", word);
	else
		snprintf(name, C_NAME_MAX, "%s%u", word, number);
	return name;
}

void c_failure_write(struct c_writer *writer, const struct program_statement *statement, const char *what,
		     const struct addr *addr)
{
	bool is_over = statement->error == 0 || (!program_goes_on(statement) && !writer->program->is_whole);
	char text[ADDR_TEXT_MAX + 32], shown[ADDR_TEXT_MAX];

	snprintf(text, sizeof(text), "%s%s%s", what, addr == NULL ? "" : " ",
		 addr == NULL ? "" : addr_format(addr, shown, sizeof(shown)));
	writer->body.depth++;
	source_indent(&writer->body);
	source_add(&writer->body, is_over ? "die(" : "perror(");
	source_string(&writer->body, text, strlen(text));
	source_add(&writer->body, ");\n");
	writer->body.depth--;
	writer->helpers |= is_over ? 1U << C_DIE : 0;
}

const char *c_array_write(struct c_writer *writer, const void *data, size_t len, char name[C_NAME_MAX])
{
	writer->arrays++;
	snprintf(name, C_NAME_MAX, "data%u", writer->arrays);
	source_array(&writer->data, name, data, len);
	source_add(&writer->data, "\n");
	return name;
}

/* A remark is its comment. With a name that was not found the run was over before there was a socket. */
static void write_remark(struct c_writer *writer, const struct program_statement *statement)
{
	if (statement->error != 0 && writer->program->sockets == NULL)
		writer->has_failed = true;
}

static void write_socket(struct c_writer *writer, const struct program_statement *statement)
{
	char name[C_NAME_MAX], domain[C_VALUE_MAX], type[C_VALUE_MAX], protocol[C_VALUE_MAX];

	c_socket_name(writer->program, statement->socket, name);
	if (statement->socket->role == PROGRAM_ROLE_INHERITED) {
		source_comment(&writer->body, _("This socket was there already: the program is started with it."));
		source_line(&writer->body, "int %s = %d;", name, statement->socket->fd);
		return;
	}
	source_line(&writer->body, "int %s = socket(%s, %s, %s);", name,
		    name_or_number(&names_domain, statement->domain, domain, sizeof(domain)),
		    name_or_number(&names_socktype, statement->type, type, sizeof(type)),
		    name_or_number(&names_ipproto, statement->protocol, protocol, sizeof(protocol)));
	source_line(&writer->body, "if (%s == -1)", name);
	c_failure_write(writer, statement, "socket", NULL);
}

static void write_bind(struct c_writer *writer, const struct program_statement *statement)
{
	const struct program_socket *socket = statement->socket;
	bool is_whole = writer->program->is_whole;
	bool is_there = is_whole ? socket->is_declared : writer->bound == socket;
	char name[C_NAME_MAX], address[C_NAME_MAX + 8], length[C_ARGS_MAX];
	bool is_connecting = socket->role == PROGRAM_ROLE_CONNECTED || socket->role == PROGRAM_ROLE_ATTEMPT ||
			     socket->role == PROGRAM_ROLE_GIVEN_UP || socket->is_connecting;

	c_socket_name(writer->program, socket, name);
	snprintf(address, sizeof(address), "%s_%s", name, is_connecting && !is_whole ? "local" : "address");
	if (!c_address_use(writer, &statement->addr, address, length)) {
		c_address_write(writer, address, &statement->addr, is_there, length);
		writer->bound = socket;
		statement->socket->is_declared = true;
	}
	c_comment_write(writer, statement, NULL);
	source_line(&writer->body, "if (bind(%s, (struct sockaddr *)&%s, %s) == -1)", name, address, length);
	c_failure_write(writer, statement, "bind to", &statement->addr);
}

static void write_unlink(struct c_writer *writer, const struct program_statement *statement)
{
	source_comment(&writer->body,
		       _("The file of a socket that nobody listens on any more: bind() fails while it is there "
			 "(EADDRINUSE)."));
	source_indent(&writer->body);
	source_add(&writer->body, "unlink(");
	source_string(&writer->body, statement->addr.un.sun_path, strlen(statement->addr.un.sun_path));
	source_add(&writer->body, ");\n");
}

/* Before bind(), which takes the mode of the file from it. */
static void write_fchmod(struct c_writer *writer, const struct program_statement *statement)
{
	char name[C_NAME_MAX];

	source_line(&writer->body, "if (fchmod(%s, 0%o) == -1)",
		    c_socket_name(writer->program, statement->socket, name), (unsigned)statement->number);
	c_failure_write(writer, statement, "fchmod", NULL);
}

/* A user or a group; none: that it stays as it is. */
static const char *id_word(int id, const char *none, char dst[C_VALUE_MAX])
{
	if (id == -1)
		return none;
	snprintf(dst, C_VALUE_MAX, "%u", (unsigned)id);
	return dst;
}

/* Between bind(), which makes the file, and listen(): nobody connects before that. */
static void write_file(struct c_writer *writer, const struct program_statement *statement)
{
	const char *path = statement->addr.un.sun_path;
	bool is_chown = statement->op == PROGRAM_CHOWN;
	char owner[C_VALUE_MAX], group[C_VALUE_MAX];

	source_indent(&writer->body);
	source_add(&writer->body, is_chown ? "if (lchown(" : "if (fchmodat(AT_FDCWD, ");
	source_string(&writer->body, path, strlen(path));
	if (is_chown)
		source_addf(&writer->body, ", %s, %s) == -1)\n", id_word(statement->domain, "(uid_t)-1", owner),
			    id_word(statement->type, "(gid_t)-1", group));
	else
		source_addf(&writer->body, ", 0%o, AT_SYMLINK_NOFOLLOW) == -1)\n", (unsigned)statement->number);
	c_failure_write(writer, statement, is_chown ? "chown" : "chmod", &statement->addr);
}

/* The abstract name that the kernel chose. */
static void write_chosen_name(struct c_writer *writer, const struct program_statement *statement, const char *name)
{
	source_comment(&writer->body, _("getsockname() tells which name the kernel has chosen."));
	source_line(&writer->body, "socklen_t %s_length = sizeof(%s_address);", name, name);
	source_line(&writer->body, "if (getsockname(%s, (struct sockaddr *)&%s_address, &%s_length) == -1)", name,
		    name, name);
	c_failure_write(writer, statement, "getsockname", NULL);
}

static void write_port(struct c_writer *writer, const struct program_statement *statement)
{
	bool is_v6 = addr_family(&statement->socket->bound) == AF_INET6;
	char name[C_NAME_MAX];

	c_socket_name(writer->program, statement->socket, name);
	if (statement->socket->is_autobound) {
		write_chosen_name(writer, statement, name);
		return;
	}
	source_comment(&writer->body, _("Port 0 lets the kernel choose a free one; getsockname() tells which it is."));
	source_line(&writer->body, "socklen_t %s_length = sizeof(%s_address);", name, name);
	source_line(&writer->body, "if (getsockname(%s, (struct sockaddr *)&%s_address, &%s_length) == -1)", name,
		    name, name);
	c_failure_write(writer, statement, "getsockname", NULL);
	source_line(&writer->body, "fprintf(stderr, \"port %%d\\n\", ntohs(%s_address.%s_port));", name,
		    is_v6 ? "sin6" : "sin");
}

static void write_listen(struct c_writer *writer, const struct program_statement *statement)
{
	char name[C_NAME_MAX];

	source_line(&writer->body, "if (listen(%s, %d) == -1)", c_socket_name(writer->program, statement->socket, name),
		    statement->number);
	c_failure_write(writer, statement, "listen", NULL);
}

static void write_accept(struct c_writer *writer, const struct program_statement *statement)
{
	char name[C_NAME_MAX], client[C_NAME_MAX], line[ADDR_TEXT_MAX + 64], shown[ADDR_TEXT_MAX];

	c_socket_name(writer->program, statement->socket, name);
	if (statement->error != 0) {
		c_wait_nobody(writer, statement, name);
		return;
	}
	c_wait_ready(writer, statement, "POLLIN");
	c_socket_name(writer->program, statement->to, client);
	if (statement->comment == NULL &&
	    (addr_family(&statement->addr) == AF_INET || addr_family(&statement->addr) == AF_INET6)) {
		snprintf(line, sizeof(line), _("In the run it was %s that connected."),
			 addr_format(&statement->addr, shown, sizeof(shown)));
		source_comment(&writer->body, line);
	}
	source_line(&writer->body, "int %s = accept(%s, NULL, NULL);", client, name);
	source_line(&writer->body, "if (%s == -1)", client);
	c_failure_write(writer, statement, "accept", NULL);
}

const char *c_call_outcome(const struct program_statement *statement, char *dst, size_t size)
{
	char name[C_VALUE_MAX];

	if (statement->socket->role == PROGRAM_ROLE_GIVEN_UP)
		return "In the run no answer had come when it was given up. This program waits for as long as the "
		       "kernel does.";
	if (statement->error == 0)
		return NULL;
	snprintf(dst, size, "In the run this failed%s: %s (%s).%s", statement->count > 1 ? ", again and again" : "",
		 strerror(statement->error), name_errno(statement->error, name, sizeof(name)),
		 program_goes_on(statement) ? " It went on with what follows, and so does this program." : "");
	return dst;
}

static void write_connect(struct c_writer *writer, const struct program_statement *statement)
{
	char name[C_NAME_MAX], address[C_NAME_MAX + 8], length[C_ARGS_MAX], outcome[256];

	c_socket_name(writer->program, statement->socket, name);
	if (writer->program->is_whole) {
		c_address_declare(writer, &statement->addr, address, length);
		if (c_wait_connect(writer, statement, name, address, length))
			return;
		c_comment_write(writer, statement, c_call_outcome(statement, outcome, sizeof(outcome)));
		source_line(&writer->body, "if (connect(%s, (struct sockaddr *)&%s, %s) == -1)", name, address, length);
		c_failure_write(writer, statement, "connect to", &statement->addr);
		return;
	}
	/* Of the client socket itself that would be another address: the server's. */
	if (strncmp(name, "sock", strlen("sock")) == 0)
		snprintf(address, sizeof(address), "server%s_address", name + strlen("sock"));
	else
		snprintf(address, sizeof(address), "%s_address", name);
	c_address_write(writer, address, &statement->addr, false, length);
	c_comment_write(writer, statement, c_call_outcome(statement, outcome, sizeof(outcome)));
	source_line(&writer->body, "if (connect(%s, (struct sockaddr *)&%s, %s) == -1)", name, address, length);
	c_failure_write(writer, statement, "connect to", &statement->addr);
}

static void write_shutdown(struct c_writer *writer, const struct program_statement *statement)
{
	char name[C_NAME_MAX], how[C_VALUE_MAX];

	source_line(&writer->body, "if (shutdown(%s, %s) == -1)",
		    c_socket_name(writer->program, statement->socket, name),
		    name_or_number(&names_shut, statement->number, how, sizeof(how)));
	/* The peer had reset it, and nothing was left to end. */
	if (statement->error == ENOTCONN) {
		source_line(&writer->body, "\tperror(\"shutdown\");");
		return;
	}
	c_failure_write(writer, statement, "shutdown", NULL);
}

static void write_close(struct c_writer *writer, const struct program_statement *statement)
{
	c_call_close(writer, statement->socket);
}

static void (*const writers[PROGRAM_OP_COUNT])(struct c_writer *, const struct program_statement *) = {
	[PROGRAM_REMARK] = write_remark,
	[PROGRAM_SOCKET] = write_socket,
	[PROGRAM_SETSOCKOPT] = c_option_set,
	[PROGRAM_UNLINK] = write_unlink,
	[PROGRAM_FCHMOD] = write_fchmod,
	[PROGRAM_BIND] = write_bind,
	[PROGRAM_CHOWN] = write_file,
	[PROGRAM_CHMOD] = write_file,
	[PROGRAM_PORT] = write_port,
	[PROGRAM_LISTEN] = write_listen,
	[PROGRAM_ACCEPT] = write_accept,
	[PROGRAM_CONNECT] = write_connect,
	[PROGRAM_CONNECTED] = c_wait_connected,
	[PROGRAM_NONBLOCK] = c_wait_nonblock,
	[PROGRAM_POLL] = c_wait_poll,
	[PROGRAM_NAME] = c_look_name,
	[PROGRAM_GETSOCKOPT] = c_option_get,
	[PROGRAM_SEND] = c_move_send,
	[PROGRAM_RECEIVE] = c_move_receive,
	[PROGRAM_FORWARD] = c_move_forward,
	[PROGRAM_EXCHANGE] = c_move_exchange,
	[PROGRAM_PASS] = c_move_pass,
	[PROGRAM_FAILED] = c_move_failed,
	[PROGRAM_LEFT_OUT] = c_move_left_out,
	[PROGRAM_SHUTDOWN] = write_shutdown,
	[PROGRAM_CLOSE] = write_close,
};

void c_call_write(struct c_writer *writer, const struct program_statement *statement)
{
	/* An address is filled before what is said of the call. */
	if (statement->op != PROGRAM_BIND && statement->op != PROGRAM_CONNECT)
		c_comment_write(writer, statement, NULL);
	writers[statement->op](writer, statement);
	source_add(&writer->body, "\n");
}

void c_call_close(struct c_writer *writer, const struct program_socket *socket)
{
	char name[C_NAME_MAX];

	source_line(&writer->body, "close(%s);", c_socket_name(writer->program, socket, name));
}

bool c_call_unlink(struct c_writer *writer, const struct program_socket *socket)
{
	const char *path = socket->bound.un.sun_path;

	if (addr_family(&socket->bound) != AF_UNIX || socket->bound.len <= offsetof(struct sockaddr_un, sun_path) ||
	    *path == '\0')
		return false;
	source_indent(&writer->body);
	source_add(&writer->body, "unlink(");
	source_string(&writer->body, path, strlen(path));
	source_add(&writer->body, "); /* the file does not go with the socket */\n");
	return true;
}
