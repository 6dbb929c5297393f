/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statement info of the shell: all sockets with states and queues, both ends of a connection side by side. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"
#include "cli/shell_private.h"
#include "step/sockdiag.h"
#include "trace/names.h"

#define HALF 38           /* columns of one end */
#define RIGHT (HALF + 4)  /* where the other one begins, behind the arrow */
#define PART_MAX (ADDR_TEXT_MAX + 64)

/* What is known of one socket, a line each. */
struct card {
	char head[PART_MAX], address[PART_MAX], state[PART_MAX], queues[PART_MAX];
};

/* "unread 6 B, unacknowledged 0 B", or of a listening one its accept queue. */
static void add_queues(struct shell_sock *sock, struct text *text)
{
	struct stepper *st = &sock->sh->quiet;
	struct tcp_facts facts;
	uint32_t len, limit;
	int unread, unacked;

	if (sock->sk.fd == -1)
		return;
	if (sock->is_listening && sock->sk.protocol == PROTOCOL_TCP && step_tcp_facts(st, &sock->sk, &facts) == 0)
		text_addf(text, _("accept queue %1$" PRIu32 " of %2$" PRIu32), facts.queue_len, facts.queue_limit);
	else if (sock->is_listening && sockdiag_unix_queue(st, sock->sk.fd, &len, &limit) == 1)
		text_addf(text, _("accept queue %1$" PRIu32 " of %2$" PRIu32), len, limit);
	if (sock->is_listening)
		return;
	unread = step_unread(st, &sock->sk);
	unacked = step_unacknowledged(st, &sock->sk);
	if (unread >= 0)
		text_addf(text, _("unread %d B"), unread);
	if (unacked >= 0)
		text_addf(text, _("%1$sunacked %2$d B"), unread >= 0 ? ", " : "", unacked);
}

static void fill_card(struct shell_sock *sock, struct card *card)
{
	int state = shell_sock_state(sock);
	char address[ADDR_TEXT_MAX], number[32];
	struct text text;

	text_init(&text, card->head, sizeof(card->head));
	text_add(&text, sock->name);
	if (sock->sk.fd == -1)
		text_add(&text, _(" (closed)"));
	else
		text_addf(&text, _(" (%1$s, descriptor %2$d)"), protocol_name(sock->sk.protocol), sock->sk.fd);
	snprintf(card->address, sizeof(card->address), "%s",
		 sock->local.len == 0 ? _("no address") : addr_format(&sock->local, address, sizeof(address)));
	text_init(&text, card->state, sizeof(card->state));
	if (state == SHELL_STATE_GONE)
		text_add(&text, _("gone: the kernel has forgotten it"));
	else if (state != 0)
		text_add(&text, name_or_number(&names_tcp_state, state, number, sizeof(number)));
	else if (sock->is_listening)
		text_add(&text, "LISTEN");
	if (sock->is_nonblock)
		text_addf(&text, "%s%s", text.len > 0 ? ", " : "", "O_NONBLOCK");
	text_init(&text, card->queues, sizeof(card->queues));
	add_queues(sock, &text);
}

/* The other end of its connection, where that is in this shell too. */
static struct shell_sock *other_end(const struct shell_sock *sock)
{
	struct shell_sock *other = sock->sh->socks;

	if (sock->local.len == 0 || sock->remote.len == 0)
		return NULL;
	/* An unnamed Unix socket is no address to find anything by. */
	if (addr_family(&sock->local) == AF_UNIX)
		return NULL;
	while (other != NULL &&
	       (other == sock || other->local.len == 0 || other->remote.len == 0 || other->type != sock->type ||
		!addr_equal(&other->local, &sock->remote) || !addr_equal(&other->remote, &sock->local)))
		other = other->next;
	return other == NULL || (other->sk.fd == -1 && shell_sock_state(other) == SHELL_STATE_GONE) ? NULL : other;
}

/* One line of both ends. */
static void say_half_lines(struct shell *sh, const char *left, const char *middle, const char *right)
{
	char line[2 * PART_MAX + 32];
	struct text text;

	if (left[0] == '\0' && right[0] == '\0')
		return;
	text_init(&text, line, sizeof(line));
	text_addf(&text, "%s", left);
	text_pad(&text, HALF, 1);
	text_add(&text, middle);
	text_pad(&text, RIGHT, 1);
	text_add(&text, right);
	shell_say(sh, "%s", line);
}

static void say_pair(struct shell *sh, struct shell_sock *left, struct shell_sock *right)
{
	struct card a, b;

	fill_card(left, &a);
	fill_card(right, &b);
	if (strlen(a.address) >= HALF) {
		shell_say(sh, "%s  %s  %s  %s", a.head, a.address, a.state, a.queues);
		shell_say(sh, "%s  %s  %s  %s", b.head, b.address, b.state, b.queues);
		return;
	}
	say_half_lines(sh, a.head, "", b.head);
	say_half_lines(sh, a.address, text_arrow(&sh->view, ARROW_BOTH), b.address);
	say_half_lines(sh, a.state, "", b.state);
	say_half_lines(sh, a.queues, "", b.queues);
}

static void say_single(struct shell *sh, struct shell_sock *sock)
{
	/* Of one that is connecting the kernel names no peer yet (getpeername(2), ENOTCONN). */
	const struct addr *to = sock->is_connecting ? &sock->target : sock->remote.len > 0 ? &sock->remote : NULL;
	char remote[ADDR_TEXT_MAX];
	struct card card;

	fill_card(sock, &card);
	if (to != NULL && addr_family(to) != AF_UNIX && !sock->is_listening)
		shell_say(sh, "%s\n%s %s %s", card.head, card.address,
			  text_arrow(&sh->view, to == &sock->target ? ARROW_RIGHT : ARROW_BOTH),
			  addr_format(to, remote, sizeof(remote)));
	else
		shell_say(sh, "%s\n%s", card.head, card.address);
	if (card.state[0] != '\0' || card.queues[0] != '\0')
		shell_say(sh, "%s%s%s", card.state, card.state[0] != '\0' && card.queues[0] != '\0' ? ", " : "",
			  card.queues);
}

/* Is the socket among those that are asked for? */
static bool is_wanted(const struct shell_call *call, const struct shell_sock *sock)
{
	const struct shell_word *word = shell_arg(call, 0);

	for (size_t i = 0; (word = shell_arg(call, i)) != NULL; i++) {
		if (strcmp(word->text, sock->name) == 0)
			return true;
	}
	return shell_arg(call, 0) == NULL;
}

int shell_info_begin(struct shell_call *call, char *error)
{
	struct shell_sock *sock;

	for (size_t i = 0; shell_arg(call, i) != NULL; i++) {
		if (shell_sock_find(call->sh, shell_arg(call, i)->text) == NULL &&
		    shell_sock_get(call->sh, shell_arg(call, i), &sock, error) < 0)
			return -EINVAL;
	}
	return 0;
}

int64_t shell_info_attempt(struct shell_call *call)
{
	struct shell *sh = call->sh;
	bool is_first = true;

	shell_socks_look(sh);
	for (struct shell_sock *sock = sh->socks; sock != NULL; sock = sock->next) {
		struct shell_sock *other = other_end(sock), *at = sh->socks;

		if (!is_wanted(call, sock) ||
		    (sock->sk.fd == -1 && shell_arg(call, 0) == NULL && shell_sock_state(sock) == SHELL_STATE_GONE))
			continue;
		/* The one that was made first is on the left, and tells of both. */
		while (other != NULL && at != sock && at != other)
			at = at->next;
		if (other != NULL && at == other && is_wanted(call, other))
			continue;
		if (!is_first)
			shell_say(sh, "%s", "");
		is_first = false;
		if (other != NULL)
			say_pair(sh, sock, other);
		else
			say_single(sh, sock);
	}
	if (sh->socks == NULL)
		shell_say(sh, "%s", _("there is no socket yet: NAME = socket tcp makes one"));
	return SHELL_SAID;
}
