/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls of a program that only look, as C: see c_looks.h. */
#include "trace/c_looks.h"

#include <inttypes.h>

#include "base/i18n.h"
#include "trace/c_helpers.h"
#include "trace/step_id.h"

void c_look_name(struct c_writer *writer, const struct program_statement *statement)
{
	const char *call = step_name((enum step_id)statement->number);
	enum protocol protocol = statement->socket->protocol;
	bool is_unix = protocol == PROTOCOL_UNIX || protocol == PROTOCOL_UNIX_DGRAM ||
		       protocol == PROTOCOL_UNIX_SEQPACKET;
	char name[C_NAME_MAX];

	if (!writer->has_name) {
		source_line(&writer->body, "struct sockaddr_storage name; /* %s */",
			    _("room for an address of any family"));
		source_line(&writer->body, "socklen_t name_length;");
	}
	writer->has_name = true;
	source_line(&writer->body, "name_length = sizeof(name);");
	source_line(&writer->body, "if (%s(%s, (struct sockaddr *)&name, &name_length) == -1)", call,
		    c_socket_name(writer->program, statement->socket, name));
	c_failure_write(writer, statement, call, NULL);
	if (statement->error != 0)
		return;
	writer->helpers |= 1U << (is_unix ? C_SHOW_PATH : C_SHOW_ADDRESS);
	source_line(&writer->body, "%s(\"%s\", (struct %s *)&name, name_length);",
		    is_unix ? "show_path" : "show_address", call, is_unix ? "sockaddr_un" : "sockaddr");
}

void c_look_peek(struct c_writer *writer, const struct program_statement *statement, const char *name)
{
	writer->helpers |= 1U << C_PEEK;
	source_line(&writer->body, "peek(%s, %" PRIu64 ");", name, statement->bytes);
}
