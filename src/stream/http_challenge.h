/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who asks, in HTTP: the challenge of a proxy (or server) and the answer to it. Basic (RFC 7617) and Digest (RFC 7616).
 * Pure.
 */
#ifndef SOCKT_STREAM_HTTP_CHALLENGE_H
#define SOCKT_STREAM_HTTP_CHALLENGE_H

#include "base/buf.h"
#include "stream/digest.h"
#include "stream/http_head.h"

/* Bytes of a realm, a nonce, an opaque value: longer ones are not taken. */
#define HTTP_CHALLENGE_TEXT_MAX 384

/* From weak to strong: of several that are offered the strongest is taken. */
enum http_scheme {
	HTTP_SCHEME_NONE = 0, /* none that is known */
	HTTP_SCHEME_BASIC,
	HTTP_SCHEME_DIGEST_MD5,
	HTTP_SCHEME_DIGEST_SHA256,
	HTTP_SCHEME_DIGEST_SHA512_256,
};

/* Quality of protection, of Digest (RFC 7616, section 3.4): what the answer is a proof of. */
enum http_qop {
	HTTP_QOP_NONE = 0, /* as before RFC 2617 */
	HTTP_QOP_AUTH_INT, /* of the request and its body, of which CONNECT has none */
	HTTP_QOP_AUTH,     /* of the request */
};

struct http_challenge {
	enum http_scheme scheme;
	bool is_session;  /* of Digest: the algorithm ends with -sess */
	enum http_qop qop;
	bool is_stale;    /* of Digest: only the nonce was too old */
	bool has_opaque;
	char realm[HTTP_CHALLENGE_TEXT_MAX], nonce[HTTP_CHALLENGE_TEXT_MAX], opaque[HTTP_CHALLENGE_TEXT_MAX];
};

/* "Basic", "Digest MD5", "Digest SHA-256", "Digest SHA-512-256"; "" of NONE. */
const char *http_scheme_name(enum http_scheme scheme);

/*
 * Take the strongest challenge of the fields of that name (Proxy-Authenticate). *challenge is NONE where none of them
 * is known. offered: all schemes there are, as they were written, with what of them is not known, for a message:
 * "NTLM, Digest (algorithm X)"; "" where there is none.
 */
void http_challenge_read(struct http_challenge *challenge, const struct http_head *head, const char *name,
			 char *offered, size_t offered_size);

/* Who asks, and for what. */
struct http_asking {
	const char *user, *password;
	const char *method, *target;
	uint64_t cnonce; /* a number that nobody knows beforehand */
};

/*
 * Add the value of the field that answers: "Basic YWxpY2U6...", "Digest username=...". *secret_at and *secret_len: what
 * of text nobody may see. Returns 0, or -ENOSYS where no digest can be made here.
 */
int http_challenge_answer(const struct http_challenge *challenge, const struct http_asking *asking, struct text *text,
			  size_t *secret_at, size_t *secret_len);

/*
 * Read the value of a field that answers with Basic: "Basic YWxpY2U6...". dst (size bytes) becomes "alice:secret".
 * Returns its length, or -EINVAL: it is something else.
 */
ssize_t http_challenge_read_basic(struct http_span value, char *dst, size_t size);

#endif
