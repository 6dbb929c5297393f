/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The named sockets of the shell: their names, addresses and states. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/near.h"
#include "base/parse.h"
#include "base/util.h"
#include "cli/shell_private.h"
#include "step/sockdiag.h"

#define SHOWN_MAX 160

struct shell_sock *shell_sock_find(const struct shell *sh, const char *name)
{
	struct shell_sock *sock = sh->socks;

	while (sock != NULL && strcmp(sock->name, name) != 0)
		sock = sock->next;
	return sock;
}

const char *shell_name_of(const struct shell *sh, int fd)
{
	for (const struct shell_sock *sock = sh->socks; sock != NULL; sock = sock->next) {
		if (sock->sk.fd == fd)
			return sock->name;
	}
	return NULL;
}

/* For near_find(): the names of open sockets. */
static const char *open_name_at(const void *ctx, size_t i)
{
	const struct shell *sh = ctx;

	for (const struct shell_sock *sock = sh->socks; sock != NULL; sock = sock->next) {
		if (sock->sk.fd != -1 && i-- == 0)
			return sock->name;
	}
	return NULL;
}

int shell_sock_get(const struct shell *sh, const struct shell_word *word, struct shell_sock **sock_out, char *error)
{
	struct shell_sock *sock = shell_sock_find(sh, word->text);
	char shown[SHOWN_MAX];
	const char *nearest;

	shell_shown(word, shown, sizeof(shown));
	if (sock != NULL && sock->sk.fd != -1) {
		*sock_out = sock;
		return 0;
	}
	if (sock != NULL)
		return shell_mistake(error, _("%s is closed"), sock->name);
	if (near_find(word->text, open_name_at, sh, &nearest, 1) == 1)
		return shell_mistake(error, _("there is no socket %1$s; the nearest is %2$s"), shown, nearest);
	return shell_mistake(error, _("there is no socket %1$s; %1$s = socket tcp makes one"), shown);
}

int shell_sock_check_new(const struct shell *sh, const char *name, char *error)
{
	const struct shell_sock *sock = shell_sock_find(sh, name);
	const struct shell_call *making = shell_call_making(sh, name);

	if (making != NULL)
		return shell_mistake(error, _("%1$s is what an %2$s that waits will make: wait %1$s waits for it"),
				     name, making->verb->name);
	if (shell_verb_find(name) != NULL || strcmp(name, "none") == 0)
		return shell_mistake(error, _("%s is a word of the shell: the socket needs another name"), name);
	if (sock != NULL && sock->sk.fd != -1)
		return shell_mistake(error,
				_("%1$s is open (descriptor %2$d): close it first, or take another name"), name,
				     sock->sk.fd);
	return 0;
}

/* It is ready for something, or the gate lets its call go. */
static void on_ready(struct task *task)
{
	struct shell_sock *sock = CONTAINER_OF(task, struct shell_sock, task);
	struct shell *sh = sock->sh;
	struct shell_call *next;

	/* Its own calls, the one that makes it, and those of many sockets: a poll. */
	for (struct shell_call *call = sh->calls; call != NULL; call = next) {
		next = call->next;
		if (call->sock == sock || call->other == sock || call->result.poll_count > 0)
			shell_call_attempt(call);
	}
	if (!sh->is_interactive)
		return;
	shell_socks_look(sh);
	/* Below what has changed. */
	if (sh->foreground == NULL && !sh->is_over)
		shell_say_prompt(sh);
	shell_say_flush(sh);
}

struct shell_sock *shell_sock_new(struct shell *sh, const char *name)
{
	struct shell_sock *sock = xcalloc(1, sizeof(*sock));

	snprintf(sock->name, sizeof(sock->name), "%s", name);
	sock->sh = sh;
	sock_init(&sock->sk);
	sock->task.run = on_ready;
	sock->sk.task = &sock->task;
	sock->sk.session = ++sh->sessions;
	return sock;
}

void shell_sock_add(struct shell *sh, struct shell_sock *sock)
{
	struct shell_sock **at = &sh->socks;

	while (*at != NULL && strcmp((*at)->name, sock->name) != 0)
		at = &(*at)->next;
	if (*at != NULL) {
		struct shell_sock *old = *at;

		*at = old->next;
		/* An `expect state` of the closed one may wait while an accept makes the new one. */
		shell_calls_move(sh, old, sock);
		shell_answer_check(sh, &old->answer);
		shell_sock_free(old);
	}
	at = &sh->socks;
	while (*at != NULL)
		at = &(*at)->next;
	*at = sock;
}

void shell_sock_free(struct shell_sock *sock)
{
	if (sock == NULL)
		return;
	loop_unpost(sock->sh->rn->loop, &sock->task);
	loop_unwatch(sock->sh->rn->loop, &sock->sk);
	step_close(&sock->sh->rn->st, &sock->sk);
	shell_result_clear(&sock->answer);
	free(sock);
}

void shell_sock_watch(struct shell_sock *sock)
{
	loop_unwatch(sock->sh->rn->loop, &sock->sk);
	sock->sk.ready = 0;
	loop_watch(sock->sh->rn->loop, &sock->sk, &sock->task);
}

void shell_sock_look_names(struct shell_sock *sock)
{
	struct stepper *st = &sock->sh->quiet;
	struct addr addr;

	if (step_local_addr(st, &sock->sk, &addr) == 0)
		sock->local = addr;
	if (step_peer_addr(st, &sock->sk, &addr) == 0)
		sock->remote = addr;
}

void shell_sock_settle(struct shell_sock *sock)
{
	int soft = 0;

	if (!sock->is_connecting || (sock->sk.ready & (READY_OUT | READY_ERR | READY_HUP)) != READY_OUT ||
	    step_connected(&sock->sh->rn->st, &sock->sk, &sock->target, &soft) != 0)
		return;
	sock->is_connecting = false;
	sock->is_connected = true;
	shell_sock_look_names(sock);
}

int shell_sock_state(struct shell_sock *sock)
{
	struct port_holder holder;

	if (sock->sk.fd != -1 && (sock->sk.state != TCP_CLOSE || !sock->is_connected))
		return sock->sk.state;
	if (sock->local.len > 0 && sock->remote.len > 0 && sock->sk.protocol == PROTOCOL_TCP &&
	    sockdiag_find_pair(&sock->sh->quiet, &sock->local, &sock->remote, &holder) == 1)
		return holder.state;
	return sock->sk.fd != -1 ? sock->sk.state : SHELL_STATE_GONE;
}

void shell_socks_look(struct shell *sh)
{
	for (struct shell_sock *sock = sh->socks; sock != NULL; sock = sock->next) {
		/* Of one that is connecting the verdict tells. */
		if (sock->sk.fd != -1 && !sock->is_connecting)
			step_look(&sh->rn->st, &sock->sk);
	}
}

/* Does a socket bound to local take what goes to addr? */
static bool takes(const struct addr *local, const struct addr *addr)
{
	if (addr_equal(local, addr))
		return true;
	return addr_port(local) != 0 && addr_port(local) == addr_port(addr) && addr_is_wildcard(local);
}

struct shell_sock *shell_sock_at(const struct shell *sh, const struct addr *addr, int type)
{
	for (struct shell_sock *sock = sh->socks; sock != NULL; sock = sock->next) {
		if (sock->sk.fd != -1 && sock->type == type && sock->local.len > 0 && takes(&sock->local, addr))
			return sock;
	}
	return NULL;
}

/* ---- Addresses ---- */

/* An address of another socket as one of the family can name it: the wildcard is this host. */
static int adapt(const struct shell_sock *sock, const struct shell_sock *other, struct addr *addr, char *error)
{
	int own = sock->domain, its = addr_family(addr);
	uint16_t port = addr_port(addr);
	bool is_any = addr_is_wildcard(addr);
	char text[ADDR_TEXT_MAX], mapped[ADDR_TEXT_MAX + 8];

	if (own == its && !is_any)
		return 0;
	if (is_any && own == AF_INET)
		return addr_parse_ip(addr, "127.0.0.1", port);
	if (is_any && own == AF_INET6 && its == AF_INET6)
		return addr_parse_ip(addr, "::1", port);
	if (is_any && own == AF_INET6)
		return addr_parse_ip(addr, "::ffff:127.0.0.1", port);
	addr_format_host(addr, text, sizeof(text));
	if (own == AF_INET6 && its == AF_INET) {
		snprintf(mapped, sizeof(mapped), "::ffff:%s", text);
		return addr_parse_ip(addr, mapped, port);
	}
	if (own == AF_INET && addr_is_v4mapped(addr))
		return addr_parse_ip(addr, text, port);
	return shell_mistake(error, _("%1$s cannot reach %2$s: they are of different families of addresses"),
			sock->name,
			     other->name);
}

/* Do others find it by this address? That of a Unix socket that has connected, or was accepted, may have no name. */
static bool has_name(const struct addr *local)
{
	if (local->len == 0)
		return false;
	return addr_family(local) == AF_UNIX ? local->len > sizeof(sa_family_t) : addr_port(local) != 0;
}

/* The word names a socket: its address. */
static int address_of(const struct shell_sock *sock, const struct shell_sock *other, struct addr *addr, char *error)
{
	struct addr local;

	if (other->sk.fd == -1)
		return shell_mistake(error, _("%s is closed: it has no address any more"), other->name);
	local.len = 0;
	step_local_addr(&sock->sh->quiet, (struct sock *)&other->sk, &local);
	if (!has_name(&local))
		return shell_mistake(error, _("%s has no address yet: bind it first"), other->name);
	*addr = local;
	return adapt(sock, other, addr, error);
}

static int mistake_address(const struct shell_word *word, char *error)
{
	char shown[SHOWN_MAX];

	return shell_mistake(error,
			_("\"%s\" is no address: 127.0.0.1:9000, [::1]:9000, :9000 (any), or the name of a socket"),
			     shell_shown(word, shown, sizeof(shown)));
}

/* HOST:PORT with a numeric host, which may be empty. */
static int parse_ip(const struct shell_sock *sock, const struct shell_word *word, struct addr *addr, char *error)
{
	char host[SHOWN_MAX], reason[PARSE_ERROR_MAX];
	const char *colon = strrchr(word->text, ':');
	size_t len = colon == NULL ? 0 : (size_t)(colon - word->text);
	uint16_t port;

	if (colon == NULL || len >= sizeof(host) || strlen(word->text) != word->len)
		return mistake_address(word, error);
	if (parse_port(colon + 1, 0, &port, reason) < 0)
		return shell_mistake(error, "%s", reason);
	memcpy(host, word->text, len);
	host[len] = '\0';
	if (len == 0) {
		addr_set_any(addr, sock->domain, port);
		return 0;
	}
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		if (addr_parse_ip(addr, host + 1, port) == 0 && addr_family(addr) == AF_INET6)
			return 0;
		return mistake_address(word, error);
	}
	if (strcmp(host, "localhost") == 0)
		return addr_parse_ip(addr, sock->domain == AF_INET6 ? "::1" : "127.0.0.1", port);
	if (addr_parse_ip(addr, host, port) == 0 && addr_family(addr) == AF_INET)
		return 0;
	return mistake_address(word, error);
}

int shell_address(const struct shell_sock *sock, const struct shell_word *word, struct addr *addr, char *error)
{
	const struct shell_sock *other = word->is_quoted ? NULL : shell_sock_find(sock->sh, word->text);
	char shown[SHOWN_MAX];
	int ret;

	if (other != NULL)
		return address_of(sock, other, addr, error);
	if (sock->domain != AF_UNIX)
		return parse_ip(sock, word, addr, error);
	ret = addr_set_unix(addr, word->text);
	if (ret == 0 && strlen(word->text) == word->len)
		return 0;
	return shell_mistake(error, _("\"%s\" is no address of a Unix socket: a path of at most 107 bytes, or @NAME"),
			     shell_shown(word, shown, sizeof(shown)));
}

int shell_sock_value(void *ctx, const char *name, const char *member, char *dst, size_t size, char *error)
{
	const struct shell *sh = ctx;
	const struct shell_sock *sock = shell_sock_find(sh, name);
	const struct addr *local;

	if (sock == NULL)
		return shell_mistake(error, _("$%1$s.%2$s: there is no socket %1$s"), name, member);
	local = &sock->local;
	if (!has_name(local))
		return shell_mistake(error, _("$%1$s.%2$s: %1$s has no address yet: bind it first"), name, member);
	if (addr_family(local) == AF_UNIX && strcmp(member, "port") == 0)
		return shell_mistake(error, _("$%1$s.port: a Unix socket has no port; $%1$s.addr is its address"),
				     name);
	if (strcmp(member, "addr") == 0)
		addr_format_host(local, dst, size);
	else
		snprintf(dst, size, "%u", (unsigned)addr_port(local));
	return 0;
}
