/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sockets of this process: those among its descriptors (/proc/self/fd, proc(5)) that have an address family of
 * ours. See stepping_sockets.h.
 */
#include "cli/stepping_sockets.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "endpoint/opening.h"
#include "trace/names.h"
#include "trace/text_marks.h"
#include "trace/text_words.h"

#define SOCKETS_MAX 64   /* that are listed */
#define LINE_COLUMNS 68

/* Looks of ours are no part of the run: no sink is told of them. */
struct looker {
	struct bus quiet;
	struct stepper st;
	bool is_utf8;
	const char *(*named)(void *ctx, int fd);
	void *ctx;
};

static int option_of(struct looker *looker, struct sock *sk, int option)
{
	socklen_t len = sizeof(int);
	int value;

	return step_getsockopt(&looker->st, sk, SOL_SOCKET, option, &value, &len) < 0 ? -1 : value;
}

/* Is the descriptor a socket that carries data? Then sk is filled. */
static bool look_at(struct looker *looker, int fd, struct sock *sk)
{
	int domain;

	sock_init(sk);
	sk->fd = fd;
	domain = option_of(looker, sk, SO_DOMAIN);
	if (domain != AF_INET && domain != AF_INET6 && domain != AF_UNIX)
		return false;
	sk->protocol = (uint8_t)opening_protocol(domain, option_of(looker, sk, SO_TYPE),
						 option_of(looker, sk, SO_PROTOCOL));
	return true;
}

/* What a connection, or a datagram socket, has in its queues. */
static void add_queues(const struct tcp_facts *facts, struct text *text)
{
	if (!facts->has_queues)
		return;
	text_add(text, facts->unread == 0 ? _("nothing unread") : "");
	if (facts->unread > 0) {
		text_size(text, facts->unread);
		text_add(text, _(" unread"));
	}
	text_add(text, facts->unsent == 0 ? _(", nothing unacknowledged") : ", ");
	if (facts->unsent > 0) {
		text_size(text, facts->unsent);
		text_add(text, _(" unacknowledged"));
	}
}

/* State and queues. */
static void add_facts(struct looker *looker, struct sock *sk, struct text *text)
{
	bool is_listening = option_of(looker, sk, SO_ACCEPTCONN) == 1;
	struct tcp_facts facts;
	const char *state;

	step_facts(&looker->st, sk, NULL, &facts);
	state = facts.is_valid ? name_of(&names_tcp_state, facts.state) : is_listening ? "LISTEN" : NULL;
	if (state != NULL)
		text_addf(text, MARK_STATE "%s" MARK_END ", ", state);
	if (!is_listening)
		add_queues(&facts, text);
	else if (facts.is_valid)
		text_addf(text, _("accept queue %1$u of %2$u"), (unsigned)facts.queue_len, (unsigned)facts.queue_limit);
	else
		text_add(text, _("waits for clients"));
}

/* One socket: on one line, or where that is too long on two. */
static void add_socket(struct looker *looker, struct sock *sk, struct text *text)
{
	const char *name = looker->named == NULL ? NULL : looker->named(looker->ctx, sk->fd);
	const struct text_view view = { .is_utf8 = looker->is_utf8 };
	struct addr local = { .len = 0 }, remote = { .len = 0 };
	char names[2 * ADDR_TEXT_MAX + 64], facts[256];
	struct text line;

	text_init(&line, names, sizeof(names));
	text_addf(&line, "%-3d ", sk->fd);
	if (name != NULL)
		text_addf(&line, "%s: ", name);
	text_addf(&line, "%s ", protocol_name((enum protocol)sk->protocol));
	if (step_local_addr(&looker->st, sk, &local) == 0)
		text_addr(&line, &local);
	if (step_peer_addr(&looker->st, sk, &remote) == 0) {
		text_addf(&line, " %s ", text_arrow(&view, ARROW_BOTH));
		text_addr(&line, &remote);
	}
	text_init(&line, facts, sizeof(facts));
	add_facts(looker, sk, &line);
	text_add(text, names);
	text_add(text, marks_columns(names) + 2 + marks_columns(facts) > LINE_COLUMNS ? "\n    " : "  ");
	text_addf(text, "%s\n", facts);
}

static int compare_fds(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Our descriptors, in order. Returns how many; those beyond max are not there. */
static size_t list_fds(int *fds, size_t max)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;
	uint64_t fd;

	if (dir == NULL)
		return 0;
	for (struct dirent *entry = readdir(dir); entry != NULL && count < max; entry = readdir(dir)) {
		if (parse_uint(entry->d_name, "fd", 0, INT32_MAX, &fd, NULL) == 0 && (int)fd != dirfd(dir))
			fds[count++] = (int)fd;
	}
	closedir(dir);
	qsort(fds, count, sizeof(*fds), compare_fds);
	return count;
}

void stepping_sockets_list(struct stepper *st, bool is_utf8, const char *(*named)(void *ctx, int fd), void *ctx,
			   struct text *text)
{
	struct looker looker = { .st = { .env = st->env }, .is_utf8 = is_utf8, .named = named, .ctx = ctx };
	size_t size = 4096, count, shown = 0, more = 0;
	int *fds = xmalloc(size * sizeof(*fds));
	struct sock sk;

	bus_init(&looker.quiet, 0);
	looker.st.bus = &looker.quiet;
	count = list_fds(fds, size);
	for (size_t i = 0; i < count; i++) {
		if (!look_at(&looker, fds[i], &sk))
			continue;
		if (shown < SOCKETS_MAX && text->size - text->len > 512) {
			add_socket(&looker, &sk, text);
			shown++;
		} else {
			more++;
		}
	}
	if (more > 0)
		text_addf(text, _("and %zu more\n"), more);
	if (shown == 0)
		text_add(text, _("there is no socket yet\n"));
	free(fds);
}
