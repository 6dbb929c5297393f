/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a run gets on: see progress.h. */
#include "cli/progress.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/util.h"
#include "cli/running_files.h"
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

/* What is read in the place of standard input; -1: nothing of which the size is known. */
static int input_fd(const struct running *rn)
{
	const struct options *options = rn->options;
	const struct file_layer *from = running_files_from(rn);

	if (options->program != NULL || running_is_relay(rn))
		return -1;
	return from != NULL ? from->in.fd : STDIN_FILENO;
}

/* How much there is to be read of it. */
static uint64_t input_size(const struct running *rn)
{
	int fd = input_fd(rn);
	struct stat st;
	off_t at;

	if (rn->options->is_keep_open || rn->options->is_null || rn->options->is_echo || rn->options->is_recv_only)
		return 0;
	if (fd == -1 || fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return 0;
	at = lseek(fd, 0, SEEK_CUR);
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

/* Fill in the times and the rate: of late, or at the end of all. The next time goes on from here. */
static void view_rate(struct progress *progress, struct progress_view *view, uint64_t began_ns, bool is_end)
{
	uint64_t now_ns = progress->rn->st.env->now_ns(), all = view->sent + view->received;

	view->duration_ns = began_ns == 0 ? 0 : now_ns - began_ns;
	view->recent = is_end || all < progress->told ? all : all - progress->told;
	view->recent_ns = is_end || progress->told_ns < began_ns ? view->duration_ns : now_ns - progress->told_ns;
	progress->told = all;
	progress->told_ns = now_ns;
}

static void progress_tell(struct progress *progress, bool is_end)
{
	struct running *rn = progress->rn;
	struct progress_view view = { .sent = 0 };
	char line[GOODPUT_MAX];

	if (rn->tally.began_ns == 0)
		return;
	dressing_count(&rn->tally, &view.sent, &view.received);
	view_rate(progress, &view, rn->tally.began_ns, is_end);
	view_whole(progress, &view);
	progress_format(&view, line, sizeof(line));
	stderr_lines_status(rn, line);
}

void progress_relay(struct progress *progress, const struct control_stats *stats, bool is_end)
{
	const struct relay_counts *counts = &stats->counts;
	struct progress_view view = { .sent = counts->up_bytes, .received = counts->down_bytes };
	char line[GOODPUT_MAX];

	if (progress == NULL || counts->began_ns == 0)
		return;
	view_rate(progress, &view, counts->began_ns, is_end);
	progress_format_relay(&view, counts->opened, stats->open, is_end, line, sizeof(line));
	stderr_lines_status(progress->rn, line);
}

static void progress_timer(struct timer *timer)
{
	struct progress *progress = CONTAINER_OF(timer, struct progress, timer);
	struct running *rn = progress->rn;

	if (rn->ask_counts != NULL)
		rn->ask_counts(rn);
	else
		progress_tell(progress, false);
	loop_timer_set(rn->loop, timer, rn->st.env->now_ns() + progress->every_ns);
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
	progress_tell(progress, true);
	loop_timer_clear(progress->rn->loop, &progress->timer);
	free(progress);
}
