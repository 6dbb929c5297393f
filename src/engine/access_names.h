/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names among access rules: asked of the resolver, all at once, before anybody may connect. Each stands for every
 * address that it has then.
 */
#ifndef SOCKT_ENGINE_ACCESS_NAMES_H
#define SOCKT_ENGINE_ACCESS_NAMES_H

#include "engine/access.h"
#include "engine/engine.h"
#include "trace/failure.h"

struct access_names;

/* Called once from the loop: all have their addresses, or fail says of which that failed. */
typedef void access_names_done_fn(void *ctx, const struct failure *fail);

/* Ask. There is at least one name. */
struct access_names *access_names_start(struct engine *engine, struct access *access, access_names_done_fn *done,
					void *ctx);
/* Let go; what is not answered is not waited for. */
void access_names_free(struct access_names *names);

#endif
