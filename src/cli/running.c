/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What listen and connect have in common: see running.h. */
#include "cli/running.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cli/activation.h"
#include "cli/console.h"
#include "cli/copies.h"
#include "cli/nc_telling.h"
#include "cli/packets.h"
#include "cli/progress.h"
#include "cli/running_dressing.h"
#include "cli/running_endpoints.h"
#include "cli/running_files.h"
#include "cli/running_programs.h"
#include "cli/running_signals.h"
#include "cli/stderr_lines.h"
#include "cli/stepping.h"
#include "cli/telling.h"
#include "step/capture.h"
#include "step/sandbox.h"
#include "step/sight.h"
#include "trace/names.h"

/* What is answered is answered: so long a client may take to close, before we do (nginx: as long). */
#define HTTP_LINGER_NS (5 * NS_PER_S)
/* And so long a server, which was asked to, once its reply is whole. */
#define HTTP_PATIENCE_NS NS_PER_S

bool running_is_relay(const struct running *rn)
{
	if (rn->options->proxy_server != PROXY_SERVER_NONE)
		return true;
	return rn->options->command->bit == COMMAND_RELAY && !rn->options->is_dialing && !rn->options->is_joining;
}

int running_add_sink(struct running *rn, const struct options_trace *wish)
{
	const struct sink_options options = {
		.file = wish->file,
		.level = wish->level,
		.start_ns = rn->bus.start_ns,
		.preview = rn->options->preview,
		.color = rn->options->color,
		.is_relay = running_is_relay(rn),
		.is_whole = rn->options->command->bit == COMMAND_SHELL,
		.has_packets = rn->has_packets,
		.is_explaining = rn->options->is_explaining,
		.argc = rn->argc,
		.argv = rn->argv,
		.version = PACKAGE_VERSION,
		.others = rn->bus.sinks,
	};
	bool is_stderr = wish->file == NULL || strcmp(wish->file, "fd:2") == 0;
	struct sink *sink;
	int ret = running_files_have(rn, wish->file) ? -EEXIST : sink_open(wish->kind, &options, &sink);

	if (ret == -EEXIST)
		return telling_file_in_use(wish->file);
	if (ret < 0)
		return telling_file(wish->file, -ret);
	bus_add(&rn->bus, sink);
	rn->has_stderr_sink = rn->has_stderr_sink || is_stderr;
	if (is_stderr && strcmp(wish->kind->name, "json") == 0)
		rn->bus.is_json_stderr = true;
	return STATUS_OK;
}

/* Is a PROXY header to be read or written? */
static bool has_headers(const struct options *options)
{
	const struct endpoint *endpoint;
	bool has_headers = options->target.proxy_version != PROXY_NONE;

	for (size_t i = 0; (endpoint = options_endpoint_at(options, i)) != NULL; i++)
		has_headers = has_headers || endpoint->is_accepting_proxy;
	return has_headers;
}

/* Add the sinks that are asked for, and open the copies. */
static int open_sinks(struct running *rn)
{
	int status;

	for (size_t i = 0; i < rn->options->trace_count; i++) {
		status = running_add_sink(rn, &rn->options->traces[i]);
		if (status != STATUS_OK)
			return status;
	}
	bus_watch_pieces(&rn->bus, running_is_relay(rn), has_headers(rn->options));
	return copies_open(rn, &rn->copies);
}

/*
 * Open the files that are ends, and then the sinks: no file is made, or cut off, for a trace or a copy that is one of
 * these. Where an end cannot be opened fail is filled. Returns STATUS_OK, or another status after a message.
 */
static int open_files(struct running *rn, struct failure *fail)
{
	running_files_open(rn, fail);
	return open_sinks(rn);
}

/* The rules of the session, from the options. */
static void set_rules(struct running *rn)
{
	bool is_source = rn->options->is_null || rn->options->is_echo;
	static const enum ending_until until[] = {
		[UNTIL_UNSET] = ENDING_UNTIL_DEFAULT,
		[UNTIL_LOCAL] = ENDING_UNTIL_LOCAL,
		[UNTIL_REMOTE] = ENDING_UNTIL_REMOTE,
		[UNTIL_BOTH] = ENDING_UNTIL_BOTH,
	};
	const struct options *options = rn->options;
	bool has_program = options->program != NULL;

	static_assert(OPTIONS_UNSET == ENDING_NEVER, "an unset limit is none");
	rn->rules = (struct ending_rules){
		.until = until[options->until],
		.is_recv_only = options->is_recv_only,
		.is_send_only = options->is_send_only,
		/* A request is no end: there are servers that take a FIN for an abort. */
		.is_no_shutdown = options->is_no_shutdown || options->http_get != NULL,
		.is_terminal = !options_speaks_http(options) && !running_is_relay(rn) && !has_program && !is_source &&
			       rn->io.in.kind == SOCK_KIND_TERMINAL,
		/*
		 * Of a console, or a program, each client is its own: it is half-closed when that says so. And so it
		 * is where each has a source or a limit of its own, or is alone with standard input (--max-conns 1).
		 */
		.is_crowd = options->is_keep_open && options->max_conns != 1 && !has_program &&
			    !options->is_http && !console_is_wanted(rn) &&
			    options->limit == OPTIONS_UNSET && options->limit_messages == OPTIONS_UNSET &&
			    options->limit_reads == OPTIONS_UNSET && !is_source,
		.is_program = has_program,
		.is_relay = options->command->bit == COMMAND_RELAY,
		.is_reconnecting = options->reconnect_ns != 0,
		/* Of several endpoints a session's own one counts, which the server knows. */
		.is_datagram = rn->socktype == SOCK_DGRAM && !rn->is_mixed,
		.idle_ns = options->idle_timeout_ns,
		.quit_after_ns = options->quit_after_ns,
	};
	running_files_rule(rn, &rn->rules);
	if (options->is_http)
		rn->rules.linger_ns = HTTP_LINGER_NS;
	if (options->http_get != NULL)
		rn->rules.linger_ns = HTTP_PATIENCE_NS;
	/* Datagrams have no end: a client waits so long for answers. With --no-shutdown no end of input counts. */
	if (rn->rules.is_datagram && !has_program && !options->is_no_shutdown &&
	    options->wish.role == ROLE_CONNECT && options->quit_after_ns == OPTIONS_UNSET)
		rn->rules.quit_after_ns = NS_PER_S;
}

/* Our own end, with the layers that the options and the kind of endpoint ask for. */
static void open_end(struct running *rn)
{
	const struct console_wish wish = {
		.is_escaped = !rn->options->is_raw,
		.is_line = rn->options->is_line,
		.is_messages = rn->has_messages,
		.frame = running_frame_mode(rn),
		.frame_max = running_frame_max(rn),
	};

	console_end_open(&rn->end, &rn->io, running_files_from(rn), &wish);
}

/* A sentence for the person, from the engine. */
static void say(void *ctx, const char *sentence)
{
	struct running *rn = ctx;

	bus_note(&rn->bus, rn->st.env->now_ns(), rn->engine.said_of, "%s", sentence);
	if (rn->has_stderr_sink && (rn->console == NULL || isatty(STDERR_FILENO)))
		return;
	if (rn->console != NULL)
		console_say(rn->console, sentence);
	else if (rn->lines != NULL)
		stderr_lines_line(rn, sentence);
	else
		telling_line(sentence);
}

/* A trace cannot be written any more: whoever relies on it has to know now, not when the run is over. */
static void on_trace_stopped(void *ctx, const char *file, int error)
{
	struct running *rn = ctx;
	char sentence[512], name[32];

	rn->has_trace_stopped = true;
	snprintf(sentence, sizeof(sentence), _("trace to %1$s: %2$s (%3$s); it stops here, the run goes on"), file,
		 strerror(error), name_errno(error, name, sizeof(name)));
	say(rn, sentence);
}

/* What a service manager has passed to us, or to another process, which is easily overlooked. */
static void note_activation(struct running *rn, const struct activation *activation)
{
	uint64_t now_ns = rn->st.env->now_ns();

	if (activation->count > 0)
		bus_note(&rn->bus, now_ns, 0,
			 _("the sockets passed to this process (LISTEN_FDS) are fd:%1$d to fd:%2$d"),
			 ACTIVATION_FIRST, ACTIVATION_FIRST + activation->count - 1);
	if (activation->foreign_pid != 0)
		bus_note(&rn->bus, now_ns, 0,
			 _("LISTEN_FDS is meant for process %1$llu, and this one is %2$d: it is ignored"),
			 (unsigned long long)activation->foreign_pid, (int)getpid());
}

/* Nothing can be run. Returns status. */
static int running_failed(struct running *rn, const struct failure *fail, int status)
{
	run_result_set(&rn->result, ENDED_ERROR, fail, NULL);
	return status;
}

/*
 * Open everything but the run. Returns STATUS_OK, or another status after a message; running_close() is due in
 * both cases.
 */
static int running_open(struct running *rn, const struct options *options, uint64_t start_ns, int argc, char **argv)
{
	bool has_endpoint = options->endpoint.kind != NULL;
	const struct endpoint *missing = running_endpoints_missing(options);
	struct activation activation = activation_take();
	struct failure fail = { .domain = FAILURE_NONE }, file_fail = { .domain = FAILURE_NONE };
	struct sandbox sandbox = { .count = 0 };
	int ret;

	*rn = (struct running){ .options = options, .argc = argc, .argv = argv };
	bus_init(&rn->bus, start_ns);
	rn->bus.stopped = on_trace_stopped;
	rn->bus.stopped_ctx = rn;
	rn->st = (struct stepper){ .bus = &rn->bus, .env = &env_system };
	if (options->is_sandbox)
		sandbox_enter(&sandbox, rn->st.env, &fail);
	packets_begin(rn);
	ret = stdio_layer_open(&rn->io);
	if (ret < 0)
		return telling_file("/dev/null", -ret);
	running_endpoints_lend(rn);
	/* Nobody reads it: it is an ended input. */
	if (options_speaks_http(options))
		stdio_layer_lend(&rn->io, STDIN_FILENO);
	/* A reader that has gone is told by EPIPE, a file that may not grow by EFBIG. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	ret = open_files(rn, &file_fail);
	if (ret != STATUS_OK)
		return ret;
	rn->notify = activation.notify;
	sandbox_tell(&sandbox, &rn->st);
	note_activation(rn, &activation);
	if (fail.domain != FAILURE_NONE)
		return running_failed(rn, &fail, STATUS_FAILED);
	if (options->is_stepping && stepping_open(rn, &fail) < 0)
		return running_failed(rn, &fail, STATUS_USAGE);
	if (has_endpoint && running_endpoints_look(rn, missing, &fail) < 0)
		return running_failed(rn, &fail, STATUS_USAGE);
	if (file_fail.domain != FAILURE_NONE)
		return running_failed(rn, &file_fail, STATUS_OUTPUT);
	set_rules(rn);
	if (has_endpoint)
		open_end(rn);
	ret = loop_open(&rn->st, &rn->loop, &fail);
	if (ret == 0)
		ret = running_signals_open(rn);
	if (ret == 0 && rn->stepping != NULL)
		ret = stepping_begin(rn);
	if (ret == 0 && rn->st.capture != NULL)
		ret = capture_watch(rn->st.capture, rn->loop);
	if (ret < 0) {
		failure_set(&fail, STEP_EPOLL_WAIT, -ret, NULL);
		return running_failed(rn, &fail, STATUS_FAILED);
	}
	engine_init(&rn->engine, &rn->st, rn->loop);
	rn->engine.say = say;
	rn->engine.say_ctx = rn;
	rn->engine.is_quiet = options->is_quiet;
	rn->engine.becomes = options->user.words != NULL ? &options->user : NULL;
	running_dressing_set(rn);
	if (running_programs_open(rn, &fail) < 0)
		return running_failed(rn, &fail, STATUS_FAILED);
	if (console_is_wanted(rn))
		rn->console = console_open(rn);
	if (options->is_progress)
		rn->progress = progress_open(rn);
	packets_tell(rn);
	return STATUS_OK;
}

void running_loop(struct running *rn)
{
	struct failure fail = { .domain = FAILURE_NONE };
	int ret = loop_run(rn->loop);

	stepping_leave(rn);
	if (ret < 0) {
		failure_set(&fail, STEP_EPOLL_WAIT, -ret, NULL);
		run_result_set(&rn->result, ENDED_ERROR, &fail, NULL);
	}
}

/* The exit status of the result. */
static int status_of(const struct running *rn)
{
	static const int statuses[] = {
		[OUTCOME_OK] = STATUS_OK,
		[OUTCOME_FAILED] = STATUS_FAILED,
		[OUTCOME_USAGE] = STATUS_USAGE,
		[OUTCOME_REFUSED] = STATUS_REFUSED,
		[OUTCOME_TIMEOUT] = STATUS_TIMEOUT,
		[OUTCOME_LOST] = STATUS_RESET,
		[OUTCOME_LOCAL_IO] = STATUS_OUTPUT,
		[OUTCOME_SIGNAL] = STATUS_SIGNAL,
	};
	enum outcome outcome = ending_outcome(rn->result.ended, &rn->result.fail);

	/* That of the program, where it was what ended the run. */
	if (outcome == OUTCOME_OK && !rn->result.has_lost && rn->result.ended == ENDED_PROGRAM && rn->programs != NULL)
		return running_programs_status(rn);

	if (outcome == OUTCOME_OK && rn->result.has_lost)
		outcome = OUTCOME_LOST;
	return statuses[outcome] + (outcome == OUTCOME_SIGNAL ? rn->signal : 0);
}

/* Say how it ended, and return the exit status. */
static int running_close(struct running *rn)
{
	char file[256] = "";
	int status, trace_status, copies_status, ret;
	bool has_lost;

	stepping_close(rn);
	console_close(rn->console);
	rn->console = NULL;
	status = rn->result.is_over ? status_of(rn) : rn->has_status_own ? rn->status_own : STATUS_OUTPUT;
	has_lost = running_files_say_lost(rn);
	if (has_lost && status == STATUS_OK)
		status = STATUS_OUTPUT;
	running_programs_close(rn);
	copies_status = copies_close(rn->copies);
	progress_close(rn->progress);
	stderr_lines_close(rn);
	if (rn->loop != NULL)
		engine_clear(&rn->engine);
	capture_close(&rn->st);
	sight_free(rn->st.sight);
	rn->st.sight = NULL;
	if (rn->result.is_over) {
		telling_result(&rn->st, &rn->result, rn->options, rn->has_stderr_sink);
		if (rn->bus.level > 0)
			bus_ended(&rn->bus, rn->result.ended, rn->result.limit[0] == '\0' ? NULL : rn->result.limit);
	}
	if (rn->end.stream.top != NULL)
		layer_close(rn->end.stream.top, &rn->st);
	running_files_close(rn);
	loop_close(rn->loop);
	ret = bus_clear(&rn->bus, file, sizeof(file));
	/* Said whatever else has failed: who reads the file has to know. */
	trace_status = ret < 0 ? telling_file(file, -ret) : rn->has_trace_stopped ? STATUS_OUTPUT : STATUS_OK;
	if (trace_status == STATUS_OK)
		trace_status = copies_status;
	return status == STATUS_OK ? trace_status : status;
}

int running_command(const struct command *command, int argc, char **argv, void (*run)(struct running *rn))
{
	uint64_t start_ns = clock_now_ns();
	struct options options;
	struct running rn;
	int status;

	if (!options_read(&options, command, argc, argv, &status))
		return status;
	status = running_open(&rn, &options, start_ns, argc, argv);
	if (status == STATUS_OK && command->nc != NULL)
		nc_telling_begin(command->nc, &rn);
	if (status == STATUS_OK)
		run(&rn);
	status = running_close(&rn);
	options_clear(&options);
	return status;
}
