/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of the grammar, for endpoint.c alone: each reads one piece of an endpoint into the one
 * under construction. All return 0, or -EINVAL with the mistake written.
 */
#ifndef SOCKT_ENDPOINT_READING_H
#define SOCKT_ENDPOINT_READING_H

#include "endpoint/endpoint.h"
#include "endpoint/written.h"

struct reading {
	const struct endpoint_wish *wish;
	struct written written;
	struct endpoint endpoint; /* its kind is set first */
	bool has_kind;            /* the kind was written, not taken from the wish */
};

/* HOST:PORT, [ADDRESS]:PORT or PORT. */
int reading_host_port(struct reading *r, struct span rest);
/* The two words HOST and PORT. */
int reading_two_words(struct reading *r, struct span host, struct span port);
/* CID:PORT, the address of a socket of virtual machines. */
int reading_cid_port(struct reading *r, struct span rest);
/* The path of a Unix socket. */
int reading_path(struct reading *r, struct span rest);
/* The number of a descriptor. */
int reading_fd(struct reading *r, struct span rest);
/* The path of a file. */
int reading_file(struct reading *r, struct span rest);
/* What is behind the first comma: NAME[=VALUE][,NAME[=VALUE]]... */
int reading_options(struct reading *r, struct span options);

/*
 * Fill the address of the endpoint from a path (unquoted). Returns 0, or -EINVAL with the mistake,
 * which is at where.
 */
int reading_set_path(struct reading *r, struct addr *addr, const char *path, size_t len,
		     struct span where);

/*
 * What socat calls so, foreign_mistake.c. Is word:rest an address of socat, and no host that has this name? Is the word
 * alone one? Is it an endpoint, of ours or of socat, and neither a host nor a port?
 */
bool reading_is_foreign_kind(struct span word, struct span rest);
bool reading_is_foreign_alone(struct span word);
bool reading_is_endpoint(struct span word);
/* Make the message that says what there is instead of word:rest, which is one. */
int reading_foreign_kind(struct reading *r, struct span word, struct span rest);
/* Make the message for two endpoints where one is wanted. */
int reading_two_endpoints(struct reading *r, struct span first, struct span second);

/* Make the message that names the kind nearest to a word, before the colon, that is none. */
int reading_unknown_kind(struct reading *r, struct span word, struct span rest);

/* mode= and owner= (filerights.c); value NULL: there is none. */
int reading_mode(struct reading *r, struct span name, const char *value, struct span where);
int reading_owner(struct reading *r, struct span name, const char *value, struct span where);

/* Read ADDR[:PORT]. Returns 0, or -EINVAL and one line in reason (PARSE_ERROR_MAX bytes). */
int reading_source(struct endpoint_source *source, const char *text, char *reason);
/* Give the endpoint its source, and narrow its kind to the source's family. Likewise. */
int reading_set_source(struct endpoint *endpoint, const struct endpoint_source *source,
		       char *reason);

#endif
