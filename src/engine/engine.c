/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all sessions of a run share: see engine.h. */
#include "engine/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/util.h"

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
