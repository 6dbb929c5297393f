/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who wants to see what passes through a pair: over the client's side, so that it sees what the client has said as it
 * said it, and what it was given, whatever faults did to either. See pair.h.
 */
#include <stdlib.h>

#include "base/util.h"
#include "engine/pair_private.h"

void pair_witness_begin(struct pair *pair)
{
	struct stream *client = &pair->client.stream;
	const struct witness_place place = {
		.loop = pair_engine(pair)->loop,
		.task = &pair->task,
		.session = pair->number,
		.is_messages = client->is_messages,
	};
	struct witness_layer *layer;

	if (pair->rules->witness == NULL)
		return;
	layer = xcalloc(1, sizeof(*layer));
	witness_layer_init(layer, client->top, pair->rules->witness, &place);
	client->top = &layer->layer;
	pair_rare_make(pair)->witness = layer;
}

void pair_witness_end(struct pair *pair)
{
	if (pair->rare->witness != NULL)
		witness_layer_stop(pair->rare->witness);
}

void pair_witness_clear(struct pair *pair)
{
	if (pair->rare->witness == NULL)
		return;
	free(pair->rare->witness);
	pair_rare_make(pair)->witness = NULL;
}
