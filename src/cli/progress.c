/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a run gets on: see progress.h. */
#include "cli/progress.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/util.h"
#include "cli/stderr_lines.h"
#include "engine/goodput.h"

#define LIVE_NS (500 * NS_PER_MS)
#define LINE_NS (10 * NS_PER_S)

struct progress {
	struct running *rn;
	struct timer timer;
	uint64_t every_ns;
	uint64_t told_ns, told; /* when it was last told, and the bytes by then */
	uint64_t input_size;    /* bytes of standard input, a regular file, from where it is read; 0: not known */
};

/* How much there is to be read of standard input. */
static uint64_t input_size(const struct running *rn)
{
	struct stat st;
	off_t at;

	if (rn->options->is_keep_open || rn->options->is_null || rn->options->is_echo || rn->options->is_recv_only)
		return 0;
	if (fstat(STDIN_FILENO, &st) == -1 || !S_ISREG(st.st_mode))
		return 0;
	at = lseek(STDIN_FILENO, 0, SEEK_CUR);
	return at >= 0 && at < st.st_size ? (uint64_t)(st.st_size - at) : 0;
}

/* Fill how much of what is done. */
static void view_whole(const struct progress *progress, struct progress_view *view)
{
	uint64_t limit = progress->rn->options->limit;

	view->whole = progress->input_size;
	view->done = view->sent;
	if (progress->rn->options->is_keep_open || limit == OPTIONS_UNSET)
		return;
	if (view->whole != 0 && view->whole < limit)
		return;
	view->whole = limit;
	if (view->received > view->sent)
		view->done = view->received;
}

static void progress_tell(struct progress *progress, bool is_end)
{
	struct running *rn = progress->rn;
	uint64_t now_ns = rn->st.env->now_ns(), all;
	struct progress_view view = { .sent = 0 };
	char line[GOODPUT_MAX];

	dressing_count(&rn->tally, &view.sent, &view.received);
	all = view.sent + view.received;
	view.duration_ns = rn->tally.began_ns == 0 ? 0 : now_ns - rn->tally.began_ns;
	view.recent = is_end ? all : all - progress->told;
	view.recent_ns = is_end || progress->told_ns < rn->tally.began_ns ? view.duration_ns :
									    now_ns - progress->told_ns;
	view_whole(progress, &view);
	progress->told = all;
	progress->told_ns = now_ns;
	progress_format(&view, line, sizeof(line));
	stderr_lines_status(rn, line);
}

static void progress_timer(struct timer *timer)
{
	struct progress *progress = CONTAINER_OF(timer, struct progress, timer);

	if (progress->rn->tally.began_ns != 0)
		progress_tell(progress, false);
	loop_timer_set(progress->rn->loop, timer, progress->rn->st.env->now_ns() + progress->every_ns);
}

struct progress *progress_open(struct running *rn)
{
	struct progress *progress = xcalloc(1, sizeof(*progress));

	progress->rn = rn;
	progress->timer.fire = progress_timer;
	progress->input_size = input_size(rn);
	progress->every_ns = isatty(STDERR_FILENO) && !rn->bus.is_json_stderr && rn->console == NULL ? LIVE_NS :
												      LINE_NS;
	loop_timer_set(rn->loop, &progress->timer, rn->st.env->now_ns() + progress->every_ns);
	return progress;
}

void progress_close(struct progress *progress)
{
	if (progress == NULL)
		return;
	if (progress->rn->tally.began_ns != 0)
		progress_tell(progress, true);
	loop_timer_clear(progress->rn->loop, &progress->timer);
	free(progress);
}
