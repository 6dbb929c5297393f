/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses in a program as C: see c_address.h. */
#include "trace/c_address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"

/*
 * The socket of the program whose port the kernel chose, where it is that of the address: another one each time the
 * program runs. NULL: it was asked for.
 */
static const struct program_socket *find_chosen_port(const struct c_writer *writer, const char *name,
						     const struct addr *addr)
{
	const struct program_socket *socket = writer->program->sockets;
	char other[C_NAME_MAX], own[C_NAME_MAX + 8];

	if (!writer->program->is_whole || addr_port(addr) == 0)
		return NULL;
	while (socket != NULL &&
	       !(socket->wants_port && socket->is_declared && addr_port(&socket->local) == addr_port(addr)))
		socket = socket->next;
	if (socket == NULL)
		return NULL;
	/* It is the variable that is filled here. */
	snprintf(own, sizeof(own), "%s_address", c_socket_name(writer->program, socket, other));
	return strcmp(own, name) == 0 ? NULL : socket;
}

static void write_port_number(struct c_writer *writer, const char *name, const char *prefix, const struct addr *addr)
{
	const struct program_socket *chosen = find_chosen_port(writer, name, addr);
	char other[C_NAME_MAX];

	if (chosen == NULL)
		source_line(&writer->body, "%s.%s_port = htons(%u);", name, prefix, addr_port(addr));
	else
		source_line(&writer->body, "%s.%s_port = %s_address.%s_port; /* %s */", name, prefix,
			    c_socket_name(writer->program, chosen, other),
			    addr_family(&chosen->local) == AF_INET6 ? "sin6" : "sin",
			    _("the port that the kernel chose"));
}

/* The members of an Internet address. */
static void write_ip(struct c_writer *writer, const char *name, const struct addr *addr)
{
	bool is_v6 = addr_family(addr) == AF_INET6;
	const char *prefix = is_v6 ? "sin6" : "sin";
	char host[ADDR_TEXT_MAX], interface[IF_NAMESIZE];

	source_line(&writer->body, "memset(&%s, 0, sizeof(%s));", name, name);
	source_line(&writer->body, "%s.%s_family = %s;", name, prefix, is_v6 ? "AF_INET6" : "AF_INET");
	write_port_number(writer, name, prefix, addr);
	if (addr_is_wildcard(addr) && is_v6) {
		source_line(&writer->body, "%s.sin6_addr = in6addr_any; /* %s */", name,
			    _("all addresses of this host"));
	} else if (addr_is_wildcard(addr)) {
		source_line(&writer->body, "%s.sin_addr.s_addr = htonl(INADDR_ANY); /* %s */", name,
			    _("all addresses of this host"));
	} else {
		inet_ntop(addr_family(addr), is_v6 ? (const void *)&addr->in6.sin6_addr : &addr->in.sin_addr, host,
			  sizeof(host));
		source_line(&writer->body, "inet_pton(%s, \"%s\", &%s.%s_addr);", is_v6 ? "AF_INET6" : "AF_INET", host,
			    name, prefix);
	}
	if (!is_v6 || addr->in6.sin6_scope_id == 0)
		return;
	if (if_indextoname(addr->in6.sin6_scope_id, interface) != NULL)
		source_line(&writer->body, "%s.sin6_scope_id = if_nametoindex(\"%s\");", name, interface);
	else
		source_line(&writer->body, "%s.sin6_scope_id = %u;", name, addr->in6.sin6_scope_id);
}

/* The members of the address of a Unix socket. length gets the expression for how long it is. */
static void write_unix(struct c_writer *writer, const char *name, const struct addr *addr, char length[C_ARGS_MAX])
{
	size_t len = addr->len - offsetof(struct sockaddr_un, sun_path);
	const char *path = addr->un.sun_path;
	bool is_path = len > 0 && path[0] != '\0';

	len = is_path ? strnlen(path, len) : len;
	source_line(&writer->body, "memset(&%s, 0, sizeof(%s));", name, name);
	source_line(&writer->body, "%s.sun_family = AF_UNIX;", name);
	if (len == 0) {
		source_comment(&writer->body, _("No more than the family: the kernel chooses a free abstract name."));
		snprintf(length, C_ARGS_MAX, "sizeof(%s.sun_family)", name);
		return;
	}
	if (!is_path)
		source_comment(
			&writer->body,
			_("A name that begins with a NUL byte is abstract: it is no file, and goes with the socket."));
	source_indent(&writer->body);
	source_addf(&writer->body, is_path ? "strcpy(%s.sun_path, " : "memcpy(%s.sun_path, ", name);
	source_string(&writer->body, path, len);
	if (is_path)
		source_add(&writer->body, ");\n");
	else
		source_addf(&writer->body, ", %zu);\n", len);
	if (is_path)
		snprintf(length, C_ARGS_MAX, "sizeof(%s)", name);
	else
		snprintf(length, C_ARGS_MAX, "offsetof(struct sockaddr_un, sun_path) + %zu", len);
}

/* The members of an address of a virtual machine. */
static void write_vsock(struct c_writer *writer, const char *name, const struct addr *addr)
{
	source_line(&writer->body, "memset(&%s, 0, sizeof(%s));", name, name);
	source_line(&writer->body, "%s.svm_family = AF_VSOCK;", name);
	if (addr->vm.svm_cid == VMADDR_CID_ANY)
		source_line(&writer->body, "%s.svm_cid = VMADDR_CID_ANY;", name);
	else
		source_line(&writer->body, "%s.svm_cid = %u;", name, addr->vm.svm_cid);
	if (addr->vm.svm_port == VMADDR_PORT_ANY)
		source_line(&writer->body, "%s.svm_port = VMADDR_PORT_ANY;", name);
	else
		source_line(&writer->body, "%s.svm_port = %u;", name, addr->vm.svm_port);
}

void c_address_write(struct c_writer *writer, const char *name, const struct addr *addr, bool is_there,
			  char length[C_ARGS_MAX])
{
	static const char *const types[] = {
		[AF_INET] = "sockaddr_in",
		[AF_INET6] = "sockaddr_in6",
		[AF_UNIX] = "sockaddr_un",
		[AF_VSOCK] = "sockaddr_vm",
	};
	int family = addr_family(addr);

	if (!writer->has_address_note && (family == AF_INET || family == AF_INET6)) {
		source_comment(&writer->body, _("Ports and addresses are in network byte order: htons() puts a port "
						"into it, inet_pton() makes an address of its text."));
		writer->has_address_note = true;
	}
	if (!is_there)
		source_line(&writer->body, "struct %s %s;",
			    (size_t)family < ARRAY_LEN(types) && types[family] != NULL ? types[family]
										    : "sockaddr_storage",
			    name);
	snprintf(length, C_ARGS_MAX, "sizeof(%s)", name);
	if (family == AF_INET || family == AF_INET6) {
		write_ip(writer, name, addr);
	} else if (family == AF_UNIX) {
		write_unix(writer, name, addr, length);
	} else if (family == AF_VSOCK) {
		write_vsock(writer, name, addr);
	} else {
		char array[C_NAME_MAX];

		c_array_write(writer, &addr->sa, addr->len, array);
		source_line(&writer->body, "memcpy(&%s, %s, sizeof(%s));", name, array, array);
		snprintf(length, C_ARGS_MAX, "sizeof(%s)", array);
	}
}

/* The socket whose name the kernel chose: another one each time the program runs. NULL: it is not such a name. */
static const struct program_socket *find_autobound(const struct c_writer *writer, const struct addr *addr)
{
	const struct program_socket *socket = writer->program->sockets;

	while (socket != NULL &&
	       !(socket->is_autobound && socket->is_declared && addr_equal(&socket->local, addr)))
		socket = socket->next;
	return socket;
}

bool c_address_use(const struct c_writer *writer, const struct addr *addr, char name[C_ADDRESS_MAX],
			  char length[C_ARGS_MAX])
{
	const struct program_socket *socket = find_autobound(writer, addr);
	char bound[C_NAME_MAX];

	if (socket == NULL)
		return false;
	c_socket_name(writer->program, socket, bound);
	snprintf(name, C_ADDRESS_MAX, "%s_address", bound);
	snprintf(length, C_ARGS_MAX, "%s_length", bound);
	return true;
}

void c_address_declare(struct c_writer *writer, const struct addr *addr, char name[C_ADDRESS_MAX],
		    char length[C_ARGS_MAX])
{
	if (c_address_use(writer, addr, name, length))
		return;
	writer->addresses++;
	snprintf(name, C_NAME_MAX, "address%u", writer->addresses);
	c_address_write(writer, name, addr, false, length);
}
