/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A failure as the command prints it: see report.h. */
#include "engine/report.h"

#include "base/escape.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "engine/diagnose.h"
#include "stream/frame_layer.h"
#include "trace/names.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#define REPORT_COLUMNS 80
#define REPORT_REASON_MAX 384

/* How the first line begins, by the step that failed: with what it was about (%1$s; %2$s: the reason), and without. */
static const struct {
	const char *about;
	const char *alone;
} step_phrases[STEP_COUNT] = {
	[STEP_RESOLVE] = { N_("resolve \"%1$s\": %2$s"), N_("resolve: %s") },
	[STEP_SOCKET] = { N_("make a socket for %1$s: %2$s"), N_("make a socket: %s") },
	[STEP_SETSOCKOPT] = { N_("setsockopt %1$s: %2$s"), N_("setsockopt: %s") },
	[STEP_BIND] = { N_("bind to %1$s: %2$s"), N_("bind: %s") },
	[STEP_LISTEN] = { N_("listen on %1$s: %2$s"), N_("listen: %s") },
	[STEP_ACCEPT] = { N_("accept on %1$s: %2$s"), N_("accept: %s") },
	[STEP_CONNECT] = { N_("connect to %1$s: %2$s"), N_("connect: %s") },
	[STEP_CONNECTED] = { N_("connect to %1$s: %2$s"), N_("connect: %s") },
	[STEP_SEND] = { N_("send to %1$s: %2$s"), N_("send: %s") },
	[STEP_RECV] = { N_("receive from %1$s: %2$s"), N_("receive: %s") },
	[STEP_PASS] = { NULL, N_("pass the connection over standard output: %s") },
	[STEP_SHUTDOWN] = { N_("shut down the connection with %1$s: %2$s"), N_("shut down: %s") },
	[STEP_CLOSE] = { N_("close the connection with %1$s: %2$s"), N_("close: %s") },
	[STEP_SPAWN] = { N_("start the program %1$s: %2$s"), N_("start a program: %s") },
	[STEP_FCHMOD] = { N_("set the mode of the socket for %1$s: %2$s"), N_("set the mode of a socket: %s") },
	[STEP_LCHOWN] = { N_("chown %1$s: %2$s"), N_("chown: %s") },
	[STEP_FCHMODAT] = { N_("chmod %1$s: %2$s"), N_("chmod: %s") },
	[STEP_CHROOT] = { N_("chroot to %1$s: %2$s"), N_("chroot: %s") },
	[STEP_SETGROUPS] = { N_("setgroups for the user %1$s: %2$s"), N_("setgroups: %s") },
	[STEP_SETGID] = { N_("setgid for the user %1$s: %2$s"), N_("setgid: %s") },
	[STEP_SETUID] = { N_("setuid for the user %1$s: %2$s"), N_("setuid: %s") },
	[STEP_READ] = { N_("read from %1$s: %2$s"), N_("read from standard input: %s") },
	[STEP_WRITE] = { N_("write to %1$s: %2$s"), N_("write to standard output: %s") },
};

/* The same of a name to connect from: --source, bind=. */
static const char source_phrase[] = N_("resolve \"%1$s\" (the source address): %2$s");

/* The names of the resolver's errors (getaddrinfo(3)): libc has none for them. */
static const struct {
	int code;
	const char *name;
} resolver_names[] = {
	{ EAI_BADFLAGS, "EAI_BADFLAGS" }, { EAI_NONAME, "EAI_NONAME" },         { EAI_AGAIN, "EAI_AGAIN" },
	{ EAI_FAIL, "EAI_FAIL" },         { EAI_FAMILY, "EAI_FAMILY" },         { EAI_SOCKTYPE, "EAI_SOCKTYPE" },
	{ EAI_SERVICE, "EAI_SERVICE" },   { EAI_MEMORY, "EAI_MEMORY" },         { EAI_SYSTEM, "EAI_SYSTEM" },
	{ EAI_OVERFLOW, "EAI_OVERFLOW" }, { EAI_NODATA, "EAI_NODATA" },         { EAI_ADDRFAMILY, "EAI_ADDRFAMILY" },
};

/* A connection stood when this step failed, so the connection is what the line is about, not the call. */
static bool is_on_connection(const struct failure *failure)
{
	bool is_stream = failure->protocol != PROTOCOL_UDP && failure->protocol != PROTOCOL_UNIX_DGRAM;

	return is_stream && (failure->step == STEP_SEND || failure->step == STEP_RECV || failure->step == STEP_SPLICE ||
			     failure->step == STEP_SHUTDOWN || failure->step == STEP_CLOSE ||
			     failure->step == STEP_END || failure->step == STEP_STATE);
}

/*
 * What the line is about: as the person named it; but the address itself of a connection that stood, and of a bind()
 * and what prepares it, which may be about the source address of what was named. "" where nothing is known.
 */
static void add_subject(const struct failure *failure, struct text *text)
{
	char words[ADDR_TEXT_MAX], shown[ESCAPE_TERM_MAX(sizeof(failure->target))];
	bool is_by_addr = is_on_connection(failure) || failure->step == STEP_FCHMOD || failure->step == STEP_BIND ||
			  failure->step == STEP_LISTEN;
	bool is_named = failure->target[0] != '\0' && !(is_by_addr && failure->addr.len != 0);
	struct escape_term escape = { 0 };
	size_t len = strlen(failure->target);

	if (!is_named) {
		bool is_any_port = failure->step == STEP_BIND && failure->side == SIDE_CLIENT &&
				   addr_port(&failure->addr) == 0;

		/* A call of our own end is not about the peer. */
		if (failure->step == STEP_READ || failure->step == STEP_WRITE)
			return;
		/* A client that leaves the choice of its port to the kernel has not asked for port 0. */
		if (is_any_port)
			text_add(text, addr_format_host(&failure->addr, words, sizeof(words)));
		else if (failure->addr.len != 0)
			text_add(text, addr_format_words(&failure->addr, words, sizeof(words)));
		return;
	}
	if (failure->step == STEP_RESOLVE) {
		const char *end = strstr(failure->target, " port ");

		len = end == NULL ? len : (size_t)(end - failure->target);
	}
	text_add_bytes(text, shown, escape_term(&escape, failure->target, len, true, shown));
}

static void add_errno(int code, struct text *text)
{
	const char *words = strerrordesc_np(code);
	char name[32];

	if (code == ECONNRESET)
		words = _("reset by the peer");
	text_addf(text, "%1$s (%2$s)", words == NULL ? _("unknown error") : words,
		  name_errno(code, name, sizeof(name)));
}

/* A line of the input that no datagram can hold: what the kernel would say is true, but not what happened. */
static void add_long_line(const struct failure *failure, struct text *text)
{
	text_addf(text, _("a line of more than %d bytes is longer than a datagram can be (EMSGSIZE)"),
		  failure->protocol == PROTOCOL_UDP ? FRAME_MAX_UDP : FRAME_MAX_UNIX);
}

static void add_resolver_error(int code, struct text *text)
{
	text_add(text, gai_strerror(code));
	for (size_t i = 0; i < ARRAY_LEN(resolver_names); i++)
		if (resolver_names[i].code == code)
			text_addf(text, " (%s)", resolver_names[i].name);
}

/* Fill about, of which %1$s is the subject and %2$s the reason; where either is missing alone, of the reason only. */
static void add_phrase(struct text *text, const char *about, const char *alone, const char *subject,
		       const char *reason)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (about != NULL && subject[0] != '\0')
		text_addf(text, _(about), subject, reason);
	else
		text_addf(text, _(alone), reason);
#pragma GCC diagnostic pop
}

/* The first line of an error of a call or of the resolver. */
static void add_error(const struct failure *failure, const char *subject, struct text *text)
{
	const char *about = step_phrases[failure->step].about;
	const char *alone = step_phrases[failure->step].alone;
	char words[REPORT_REASON_MAX];
	struct text reason;

	text_init(&reason, words, sizeof(words));
	if (failure->domain == FAILURE_RESOLVER)
		add_resolver_error(failure->code, &reason);
	else if (failure->step == STEP_READ && failure->code == EMSGSIZE)
		add_long_line(failure, &reason);
	else
		add_errno(failure->code, &reason);
	if (failure->is_source) {
		about = source_phrase;
	} else if (is_on_connection(failure)) {
		about = N_("connection with %1$s: %2$s");
		alone = N_("connection: %s");
	} else if (alone == NULL) {
		about = "%1$s: %2$s";
		alone = "%s";
	}
	add_phrase(text, about, alone, subject, words);
}

/* The first line of a time limit: what did not happen, within what, and which option says so. */
static void add_limit(const struct failure *failure, const char *subject, struct text *text)
{
	const char *about = NULL, *alone;
	char limit[32];

	parse_format_duration(failure->limit_ns, limit, sizeof(limit));
	switch ((enum ended_by)failure->code) {
	case ENDED_CONNECT_TIMEOUT:
		about = failure->step == STEP_RESOLVE && failure->is_source ?
				N_("resolve \"%1$s\" (the source address): no answer within %2$s (--connect-timeout)") :
			failure->step == STEP_RESOLVE ?
				N_("resolve \"%1$s\": no answer within %2$s (--connect-timeout)") :
			failure->step == STEP_PROXY ?
				N_("%1$s: no answer within %2$s (--connect-timeout)") :
				N_("connect to %1$s: no answer within %2$s (--connect-timeout)");
		alone = N_("no answer within %s (--connect-timeout)");
		break;
	case ENDED_ACCEPT_TIMEOUT:
		if (failure->step == STEP_RESOLVE)
			about = N_("resolve \"%1$s\": no answer within %2$s (--accept-timeout)");
		alone = N_("no client within %s (--accept-timeout)");
		break;
	case ENDED_IDLE_TIMEOUT:
		about = N_("idle for %2$s on the connection with %1$s (--idle-timeout)");
		alone = N_("idle for %s (--idle-timeout)");
		break;
	case ENDED_TOTAL_TIMEOUT:
		alone = N_("not done within %s (--total-timeout)");
		break;
	case ENDED_DRAIN:
		alone = N_("not everybody had finished within %s (--drain): who was left is reset");
		break;
	case ENDED_UNACKNOWLEDGED:
		about = N_("connection with %1$s: bytes that were sent were never acknowledged");
		alone = N_("bytes that were sent were never acknowledged");
		break;
	default:
		alone = ended_sentence((enum ended_by)failure->code);
		break;
	}
	add_phrase(text, about, alone, subject, limit);
}

static void add_first_line(const struct failure *failure, struct text *text)
{
	char words[REPORT_REASON_MAX];
	struct text subject;

	text_init(&subject, words, sizeof(words));
	add_subject(failure, &subject);
	text_add(text, "sockt: ");
	switch (failure->domain) {
	case FAILURE_NONE:
		break;
	case FAILURE_ERRNO:
	case FAILURE_RESOLVER:
		add_error(failure, words, text);
		break;
	case FAILURE_LIMIT:
		add_limit(failure, words, text);
		break;
	case FAILURE_USAGE:
	case FAILURE_REFUSED:
	case FAILURE_PROXY:
	case FAILURE_SANDBOX:
	case FAILURE_FILE:
		text_add(text, failure->text);
		break;
	}
	if (failure->candidates[0] != '\0')
		text_addf(text, _("; tried %s"), failure->candidates);
	text_add(text, "\n");
}

/* How wide it is: code points count one. */
static size_t columns_of(const char *string, size_t len)
{
	size_t columns = 0;

	for (size_t i = 0; i < len; i++)
		columns += ((unsigned char)string[i] & 0xc0) != 0x80;
	return columns;
}

/* One word of an expanded text: its blanks that must not be broken become blanks. */
static void add_word(struct text *text, const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		text_add_bytes(text, word[i] == DIAGNOSE_BLANK ? " " : &word[i], 1);
}

/* Add a paragraph under label, broken at blanks, its lines aligned. */
static void add_paragraph(struct text *text, const char *label, const char *paragraph)
{
	size_t indent = columns_of(label, strlen(label)), column = indent;

	text_add(text, label);
	while (*paragraph != '\0') {
		size_t len = strcspn(paragraph, " ");
		size_t columns = columns_of(paragraph, len);

		if (column > indent && column + 1 + columns > REPORT_COLUMNS) {
			text_addf(text, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			text_add(text, " ");
			column++;
		}
		add_word(text, paragraph, len);
		column += columns;
		paragraph += len;
		paragraph += strspn(paragraph, " ");
	}
	text_add(text, "\n");
}

/* One part of the diagnosis: its template expanded, under its label. */
static void add_part(const char *label, const char *template, const struct failure *failure,
		     const struct facts *facts, struct text *text)
{
	char words[REPORT_MAX / 4];
	struct text part;

	if (template[0] == '\0')
		return;
	text_init(&part, words, sizeof(words));
	diagnose_expand(template, failure, facts, &part);
	add_paragraph(text, label, words);
}

void report_format(const struct failure *failure, const struct facts *facts, struct text *text)
{
	const struct diagnosis *diagnosis;

	if (failure->domain == FAILURE_NONE)
		return;
	add_first_line(failure, text);
	diagnosis = facts == NULL ? NULL : diagnose_find(failure, facts);
	if (diagnosis == NULL)
		return;
	add_part(_("  why  "), _(diagnosis->why), failure, facts, text);
	add_part(_("  try  "), _(diagnosis->cure), failure, facts, text);
}
