/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an HTTP proxy says to its clients (RFC 9110, sections 7 and 9.3.6; RFC 9112, section 3.2): CONNECT makes a
 * tunnel; any other request names a URL, and is forwarded. There is one request for each connection: both sides are
 * told so (Connection: close), and what a client sends behind it goes nowhere (body_layer.h).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "stream/http_challenge.h"
#include "stream/http_fields.h"
#include "stream/reception_private.h"

#define SCHEME "http://"
#define PORT_DEFAULT 80
#define USER_MAX (2 * SOCKS_NAME_MAX + 2)

/* ---- Answers ------------------------------------------------------------------------------------------------ */

/* What was asked for, as the trace has it: the first line without the version. */
static void say(struct reception *r, unsigned status, bool is_refusal)
{
	const struct http_head *head = &r->head;
	char about[RECEPTION_TEXT_MAX] = "";

	snprintf(r->said.method, sizeof(r->said.method), "%s", "request");
	if (r->is_head) {
		snprintf(r->said.method, sizeof(r->said.method), "%.*s", (int)head->method.len, head->method.at);
		/* A password may stand in a URL. */
		if (memchr(head->target.at, '@', head->target.len) == NULL)
			snprintf(about, sizeof(about), "%.*s", (int)head->target.len, head->target.at);
		else
			snprintf(about, sizeof(about), SCHEME "%s:%u", r->target.name, r->target.port);
	}
	reception_say(r, r->said.method, about, http_status_reason(status), status, is_refusal);
}

/* An answer of our own, with a body that says why. */
static void answer(struct reception *r, unsigned status, const char *words)
{
	bool is_head_only = r->is_head && http_span_is(r->head.method, "HEAD");
	char body[RECEPTION_TEXT_MAX * 3];
	struct text text;

	snprintf(body, sizeof(body), "%u %s%s%s\n", status, http_status_reason(status), words[0] == '\0' ? "" : ": ",
		 words);
	text_init(&text, (char *)r->out, sizeof(r->out));
	text_addf(&text, "HTTP/1.1 %u %s\r\n", status, http_status_reason(status));
	if (status == 407)
		text_add(&text, "Proxy-Authenticate: Basic realm=\"sockt\"\r\n");
	text_addf(&text, "Via: 1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\n",
		  r->rules->name, strlen(body));
	text_addf(&text, "Connection: close\r\n\r\n%s", is_head_only ? "" : body);
	reception_send(r, RECEPTION_REFUSE, text.len);
	say(r, status, true);
}

static void refuse(struct reception *r, enum reception_cause cause, const char *words)
{
	static const unsigned statuses[] = {
		[RECEPTION_BAD] = 400,	       [RECEPTION_LOOP] = 403,	   [RECEPTION_NO_NETWORK] = 502,
		[RECEPTION_NO_HOST] = 502,     [RECEPTION_NO_LISTENER] = 502, [RECEPTION_TOO_LATE] = 504,
		[RECEPTION_FAILED] = 502,      [RECEPTION_SLOW] = 408,
	};

	answer(r, statuses[cause], words);
}

static void broken(struct reception *r)
{
	enum http_mistake mistake = r->head.mistake == HTTP_MISTAKE_NONE ? HTTP_MISTAKE_LONG : r->head.mistake;

	answer(r, http_mistake_status(mistake),
	       mistake == HTTP_MISTAKE_LONG ? _("the head is longer than 16 KiB") : _(http_mistake_sentence(mistake)));
}

/* ---- Reading ------------------------------------------------------------------------------------------------ */

static ssize_t need(const struct reception *r)
{
	return r->head_len > 0 ? (ssize_t)r->head_len : (ssize_t)r->in_len;
}

static void look(struct reception *r, const uint8_t *data, size_t len)
{
	size_t had = r->in_len;
	ssize_t head_len;

	if (len > sizeof(r->in) - had)
		len = sizeof(r->in) - had;
	memcpy(r->in + had, data, len);
	head_len = http_head_read(&r->head, (const char *)r->in, had + len);
	r->head_len = head_len > 0 ? (size_t)head_len : had + len;
	r->is_head = head_len > 0;
	if (head_len < 0 || (head_len == 0 && had + len == sizeof(r->in)))
		broken(r);
}

/*
 * Any head may hold one, whether this proxy has asked for it or not: clients offer it unasked (curl does). What has
 * been looked at shows whether this one does; a URL may have a user, too.
 */
static bool is_secret(const struct reception *r)
{
	static const char name[] = "proxy-authorization:";
	size_t len = r->head_len > r->in_len ? r->head_len : r->in_len;
	const char *head = (const char *)r->in, *end = memchr(head, '\n', len);

	if (r->head_len == 0 || end == NULL || memchr(head, '@', (size_t)(end - head)) != NULL)
		return true;
	for (const char *at = end; (size_t)(at - head) + sizeof(name) - 1 <= len; at++)
		if (strncasecmp(at, name, sizeof(name) - 1) == 0)
			return true;
	return false;
}

/* Read HOST:PORT of len bytes into the target; a port may be missing where fallback is not 0. */
static bool read_authority(struct reception *r, const char *at, size_t len, uint16_t fallback)
{
	struct socks_target *target = &r->target;
	const char *end = at + len, *colon;
	char host[SOCKS_NAME_MAX + 1], port[8];
	bool has_bracket = len > 0 && at[0] == '[';
	size_t host_len;

	*target = (struct socks_target){ .port = fallback };
	colon = memrchr(at, ':', len);
	if (has_bracket && colon != NULL && memchr(colon, ']', (size_t)(end - colon)) != NULL)
		colon = NULL;
	host_len = colon == NULL ? len : (size_t)(colon - at);
	if (host_len == 0 || host_len > SOCKS_NAME_MAX)
		return false;
	if (colon != NULL && colon + 1 < end) {
		snprintf(port, sizeof(port), "%.*s", (int)(end - colon - 1), colon + 1);
		if (end - colon - 1 > 5 || parse_port(port, 1, &target->port, NULL) < 0)
			return false;
	}
	snprintf(host, sizeof(host), "%.*s", (int)host_len, at);
	if (has_bracket) {
		if (host[host_len - 1] != ']')
			return false;
		host[host_len - 1] = '\0';
		return addr_parse_ip(&target->addr, host + 1, target->port) == 0 &&
		       addr_family(&target->addr) == AF_INET6;
	}
	if (addr_parse_ip(&target->addr, host, target->port) < 0)
		snprintf(target->name, sizeof(target->name), "%s", host);
	return target->port != 0 && strchr(host, ':') == NULL;
}

/* The URL of a request: its parts in the bytes of the head. Returns whether it is one of http. */
static bool read_url(struct reception *r, struct http_span *authority, struct http_span *path)
{
	struct http_span url = r->head.target;
	const char *at;

	if (url.len < strlen(SCHEME) || strncasecmp(url.at, SCHEME, strlen(SCHEME)) != 0)
		return false;
	url.at += strlen(SCHEME);
	url.len -= strlen(SCHEME);
	*authority = url;
	for (authority->len = 0; authority->len < url.len; authority->len++)
		if (strchr("/?#", url.at[authority->len]) != NULL)
			break;
	*path = (struct http_span){ url.at + authority->len, url.len - authority->len };
	/* Who asks the target is asked for by the field Authorization; in a URL it is no more (RFC 9110, 4.2.4). */
	at = memrchr(authority->at, '@', authority->len);
	if (at != NULL) {
		authority->len -= (size_t)(at + 1 - authority->at);
		authority->at = at + 1;
	}
	return memchr(path->at, '#', path->len) == NULL &&
	       read_authority(r, authority->at, authority->len, PORT_DEFAULT);
}

/* Does the client show that it is one of the users? */
static bool is_user(const struct reception *r)
{
	const struct http_field *field = http_head_field(&r->head, "Proxy-Authorization", NULL);
	char both[USER_MAX], *colon;
	bool is_right = false;
	ssize_t len;

	if (r->rules->users == NULL)
		return true;
	if (field == NULL)
		return false;
	len = http_challenge_read_basic(field->value, both, sizeof(both));
	colon = len < 0 ? NULL : strchr(both, ':');
	if (colon != NULL && strlen(both) == (size_t)len) {
		*colon = '\0';
		is_right = users_have(r->rules->users, both, colon + 1);
	}
	explicit_bzero(both, sizeof(both));
	return is_right;
}

/* Has the request been here before? */
static bool is_loop(const struct reception *r)
{
	const struct http_field *field = NULL;

	while ((field = http_head_field(&r->head, "Via", field)) != NULL)
		if (memmem(field->value.at, field->value.len, r->rules->name, strlen(r->rules->name)) != NULL)
			return true;
	return false;
}

/* ---- Forwarding --------------------------------------------------------------------------------------------- */

/* The request as the target gets it. */
static void forward(struct reception *r)
{
	const struct http_head *head = &r->head;
	struct http_span authority = { NULL, 0 }, path = { NULL, 0 };
	struct text text;

	read_url(r, &authority, &path);
	text_init(&text, (char *)r->out, sizeof(r->out));
	text_add_bytes(&text, head->method.at, head->method.len);
	text_add(&text, path.len == 0 && http_span_is(head->method, "OPTIONS") ? " *" : " ");
	if (path.len == 0 ? !http_span_is(head->method, "OPTIONS") : path.at[0] != '/')
		text_add(&text, "/");
	text_add_bytes(&text, path.at, path.len);
	text_addf(&text, " HTTP/1.%u\r\nHost: %.*s\r\n", head->minor, (int)authority.len, authority.at);
	for (size_t i = 0; i < head->field_count; i++) {
		const struct http_field *field = &head->fields[i];

		/* Host is made anew. */
		if (!http_span_is(field->name, "Host") && !http_field_is_of_connection(head, field->name))
			text_addf(&text, "%.*s: %.*s\r\n", (int)field->name.len, field->name.at, (int)field->value.len,
				  field->value.at);
	}
	text_addf(&text, "Via: 1.%u %s\r\nConnection: close\r\n\r\n", head->minor, r->rules->name);
	r->is_forward = true;
	reception_send(r, RECEPTION_GRANT, text.len);
}

static void asked(struct reception *r)
{
	bool is_connect = r->is_head && http_span_is(r->head.method, "CONNECT");
	struct http_span authority, path;

	r->head_len = 0;
	if (!r->is_head)
		return;
	if (!is_user(r))
		answer(r, 407, _("this proxy serves only users that it knows"));
	else if (is_loop(r))
		refuse(r, RECEPTION_LOOP, _("the request has been at this proxy before"));
	else if (is_connect ? !read_authority(r, r->head.target.at, r->head.target.len, 0) :
			      !read_url(r, &authority, &path))
		refuse(r, RECEPTION_BAD,
		       is_connect ? _("CONNECT is followed by HOST:PORT") :
				    _("this is a proxy: a request names a URL that begins with http://"));
	else if (!is_connect && http_body_begin(&r->body, &r->head, r->head.method) < 0)
		answer(r, http_mistake_status(r->body.mistake), _(http_mistake_sentence(r->body.mistake)));
	else
		r->act = RECEPTION_CONNECT;
}

static void connected(struct reception *r, const struct addr *local)
{
	struct text text;

	(void)local;
	if (!http_span_is(r->head.method, "CONNECT")) {
		forward(r);
		say(r, 200, false);
		snprintf(r->said.answer, sizeof(r->said.answer), "%s", _("forwarded"));
		return;
	}
	text_init(&text, (char *)r->out, sizeof(r->out));
	text_add(&text, "HTTP/1.1 200 Connection established\r\n\r\n");
	reception_send(r, RECEPTION_GRANT, text.len);
	say(r, 200, false);
	snprintf(r->said.answer, sizeof(r->said.answer), "%s", _("granted"));
}

const struct reception_ops reception_http = { need, look, broken, asked, is_secret, connected, refuse };
