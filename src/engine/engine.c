/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all sessions of a run share: see engine.h. */
#include "engine/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/util.h"

/* Those that are of no connection: standard ones, the loop, listening sockets, --control, the resolver, a trace. */
#define OTHER_DESCRIPTORS 16

void engine_init(struct engine *engine, struct stepper *st, struct loop *loop)
{
	*engine = (struct engine){ .st = st, .loop = loop };
}

void engine_clear(struct engine *engine)
{
	pipes_clear(&engine->pipes);
	free(engine->buffer);
	engine->buffer = NULL;
}

uint64_t engine_raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return UINT64_MAX;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1 && getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return UINT64_MAX;
	if (limit.rlim_cur == RLIM_INFINITY)
		return UINT64_MAX;
	return limit.rlim_cur <= OTHER_DESCRIPTORS ? 1 : limit.rlim_cur - OTHER_DESCRIPTORS;
}

char *engine_take_buffer(struct engine *engine)
{
	char *buffer = engine->buffer;

	engine->lent++;
	engine->buffer = NULL;
	/* Pages that are never touched cost nothing: the size is that of the largest read. */
	return buffer == NULL ? xmalloc(ENGINE_BUFFER_SIZE) : buffer;
}

void engine_give_buffer(struct engine *engine, char *buffer)
{
	if (buffer == NULL)
		return;
	engine->lent--;
	if (engine->buffer == NULL)
		engine->buffer = buffer;
	else
		free(buffer);
}

/* Say a sentence of a session (0: of none). */
static void say(struct engine *engine, uint32_t session, const char *format, va_list args)
{
	char sentence[512];

	vsnprintf(sentence, sizeof(sentence), format, args);
	engine->said_of = session;
	engine->say(engine->say_ctx, sentence);
	engine->said_of = 0;
}

void engine_say(struct engine *engine, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(engine, 0, format, args);
	va_end(args);
}

void engine_advise(struct engine *engine, const char *format, ...)
{
	char sentence[512];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	if (engine->is_quiet)
		step_note(engine->st, 0, "%s", sentence);
	else
		engine_say(engine, "%s", sentence);
}

void engine_say_of(struct engine *engine, uint32_t session, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(engine, session, format, args);
	va_end(args);
}
