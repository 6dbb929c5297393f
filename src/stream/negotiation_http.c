/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a client says to an HTTP proxy (RFC 9110, section 9.3.6): CONNECT, and who it is where the proxy wants to know.
 *
 * A proxy that answers 407 is asked again on a new connection: many close the first, and none has to be believed about
 * what stands behind its head. Who asks is not told before it is wanted: so a password goes out as it is (Basic) only
 * to a proxy that can do no better.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "stream/negotiation_private.h"

#define STATUS_AUTH 407
/* So many interim answers may come before the answer: who sends them without end is no proxy. */
#define INTERIM_MAX 16

static void begin(struct negotiation *n)
{
	const struct http_challenge *challenge = n->wish.challenge;
	struct http_asking asking = {
		.user = n->wish.user, .password = n->wish.password, .method = "CONNECT", .cnonce = n->wish.cnonce,
	};
	char target[NEGOTIATION_TEXT_MAX];
	struct text text;

	text_init(&text, (char *)n->out, sizeof(n->out));
	asking.target = negotiation_format_target(&n->wish.target, target, sizeof(target));
	text_addf(&text, "CONNECT %1$s HTTP/1.1\r\nHost: %1$s\r\n", target);
	if (challenge->scheme != HTTP_SCHEME_NONE && n->wish.user != NULL) {
		text_add(&text, "Proxy-Authorization: ");
		if (http_challenge_answer(challenge, &asking, &text, &n->secret_at, &n->secret_len) < 0) {
			negotiation_fail(n, NEGOTIATION_DIGEST);
			return;
		}
		text_add(&text, "\r\n");
	}
	text_add(&text, "\r\n");
	http_head_init(&n->head, HTTP_REPLY);
	n->head_len = 0;
	n->interim_count = 0;
	negotiation_send(n, text.is_cut ? 0 : text.len);
}

static ssize_t need(const struct negotiation *n)
{
	/* Until it has been looked at: as much as is there. */
	return n->head_len > 0 ? (ssize_t)n->head_len : (ssize_t)n->in_len;
}

static void look(struct negotiation *n, const uint8_t *data, size_t len)
{
	size_t had = n->in_len;
	ssize_t head_len;

	if (len > sizeof(n->in) - had)
		len = sizeof(n->in) - had;
	memcpy(n->in + had, data, len);
	head_len = http_head_read(&n->head, (const char *)n->in, had + len);
	if (head_len == 0 && had + len == sizeof(n->in)) {
		n->head.mistake = HTTP_MISTAKE_LONG;
		head_len = -EMSGSIZE;
	}
	if (head_len < 0)
		negotiation_fail(n, NEGOTIATION_BROKEN);
	else
		n->head_len = head_len > 0 ? (size_t)head_len : had + len;
	n->is_head = head_len > 0;
}

/* It wants to know who asks. */
static void take_challenge(struct negotiation *n)
{
	struct http_challenge asked;
	bool was_answered = n->wish.challenge->scheme != HTTP_SCHEME_NONE;
	/* A nonce can be too old; one that is just made is not, and would be asked for without end. */
	bool was_stale = n->wish.challenge->is_stale;

	http_challenge_read(&asked, &n->head, "Proxy-Authenticate", n->offered, sizeof(n->offered));
	if (n->wish.user == NULL || asked.scheme == HTTP_SCHEME_NONE ||
	    (was_answered && (!asked.is_stale || was_stale))) {
		negotiation_fail(n, NEGOTIATION_AUTH);
		return;
	}
	*n->wish.challenge = asked;
	n->act = NEGOTIATION_AGAIN;
}

static enum negotiation_trouble trouble_of(unsigned status)
{
	return status == 403 || status == 405 ? NEGOTIATION_FORBIDDEN : NEGOTIATION_REFUSED;
}

static void answered(struct negotiation *n)
{
	const struct http_head *head = &n->head;
	char target[NEGOTIATION_TEXT_MAX], reason[NEGOTIATION_TEXT_MAX];

	n->head_len = 0;
	if (!n->is_head)
		return;
	/* An interim answer is not the answer (RFC 9110, section 15.2). */
	if (head->status < 200 && head->status != 101) {
		if (n->interim_count++ == INTERIM_MAX)
			negotiation_fail(n, NEGOTIATION_BROKEN);
		n->in_len = 0;
		http_head_init(&n->head, HTTP_REPLY);
		return;
	}
	snprintf(reason, sizeof(reason), "%.*s", (int)(head->reason.len < 160 ? head->reason.len : 160),
		 head->reason.at);
	if (reason[0] == '\0')
		snprintf(reason, sizeof(reason), "%s", http_status_reason(head->status));
	negotiation_say(n, "CONNECT", negotiation_format_target(&n->wish.target, target, sizeof(target)),
			reason[0] == '\0' ? NULL : reason, head->status);
	if (head->status / 100 == 2)
		n->act = NEGOTIATION_DONE;
	else if (head->status == STATUS_AUTH)
		take_challenge(n);
	/* What some proxies answer to a password that they do not believe. */
	else if (head->status == 401 && n->wish.challenge->scheme != HTTP_SCHEME_NONE)
		negotiation_fail(n, NEGOTIATION_AUTH);
	else
		negotiation_fail(n, trouble_of(head->status));
}

const struct negotiation_ops negotiation_http = { begin, need, look, answered };
