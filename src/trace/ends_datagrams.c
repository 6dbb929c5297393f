/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams on their way between two sockets of this program: see ends_private.h. */
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "trace/ends_private.h"

/* Take the one behind at (NULL: the first) out. */
static void datagram_remove(struct ends *ends, struct ends_datagram *before)
{
	struct ends_datagram **at = before == NULL ? &ends->datagrams : &before->next, *datagram = *at;

	*at = datagram->next;
	if (ends->datagrams_last == datagram)
		ends->datagrams_last = before;
	ends->datagram_count--;
	free(datagram);
}

uint64_t ends_datagram_add(struct ends *ends, struct end *from, struct end *to, const struct event *event)
{
	struct ends_datagram *datagram = xcalloc(1, sizeof(*datagram));
	size_t known = event_data_len(event);

	if (ends->datagram_count == DATAGRAMS_MAX)
		datagram_remove(ends, NULL);
	datagram->from = from;
	datagram->to = to;
	datagram->number = ++ends->datagram_number;
	datagram->len = event->result > 0 ? (size_t)event->result : 0;
	datagram->known = known < DATAGRAM_PREFIX ? known : DATAGRAM_PREFIX;
	if (datagram->known > 0)
		memcpy(datagram->prefix, event->data, datagram->known);
	if (ends->datagrams_last != NULL)
		ends->datagrams_last->next = datagram;
	else
		ends->datagrams = datagram;
	ends->datagrams_last = datagram;
	ends->datagram_count++;
	return datagram->number;
}

/* Can it be what the call took? Of a longer one than its buffer the rest is cut off. */
static bool is_same(const struct ends_datagram *datagram, const struct event *event)
{
	size_t have = event_data_len(event), len = event->result > 0 ? (size_t)event->result : 0;
	bool is_cut = event->args != NULL && have == event->args->io.len;

	if (len > datagram->len || (len < datagram->len && !is_cut))
		return false;
	if (have > datagram->known)
		have = datagram->known;
	if (datagram->from != NULL && event->remote != NULL && event->remote->len > 0 &&
	    addr_family(event->remote) != AF_UNIX && datagram->from->local.len > 0 &&
	    addr_port(&datagram->from->local) != 0 && addr_port(&datagram->from->local) != addr_port(event->remote))
		return false;
	return have == 0 || memcmp(datagram->prefix, event->data, have) == 0;
}

/* Drop all that were sent to the socket before that number. */
static void drop_lost(struct ends *ends, const struct end *to, uint64_t number)
{
	struct ends_datagram *before = NULL, *at = ends->datagrams;

	while (at != NULL && at->number <= number) {
		struct ends_datagram *next = at->next;

		if (at->to == to)
			datagram_remove(ends, before);
		else
			before = at;
		at = next;
	}
}

uint64_t ends_datagram_take(struct ends *ends, const struct end *to, const struct event *event, struct end **from_out)
{
	const struct ends_datagram *at = ends->datagrams;
	uint64_t number;

	while (at != NULL && (at->to != to || !is_same(at, event)))
		at = at->next;
	if (at == NULL)
		return 0;
	number = at->number;
	*from_out = at->from;
	drop_lost(ends, to, number);
	return number;
}

void ends_datagrams_forget(struct ends *ends, const struct end *end)
{
	struct ends_datagram *before = NULL, *at = ends->datagrams;

	while (at != NULL) {
		struct ends_datagram *next = at->next;

		if (at->from == end)
			at->from = NULL;
		if (at->to == end)
			datagram_remove(ends, before);
		else
			before = at;
		at = next;
	}
}
