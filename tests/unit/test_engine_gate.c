/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole runs of listen and connect under a gate that holds: each in a process of its own, with standard input and
 * output on pipes. Every state machine has to come to its held intent again, and lose nothing.
 */
#include "base/clock.h"
#include "base/util.h"
#include "engine/dialer.h"
#include "engine/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* Seconds after which a run that has come to a stop is ended by SIGALRM. */
#define WATCHDOG_S 30
#define REPORT_FD 200
#define READY_FD 201

enum policy {
	POLICY_NONE = 0, /* a gate that lets everything go */
	POLICY_ONCE,     /* every intent is held once */
	POLICY_RANDOM,   /* held or not by lot, again and again */
	POLICY_WHILE,    /* every intent is held for HOLD_NS, as by a person */
};

/* POLICY_WHILE: so long; and so often who waits may come to the same intent meanwhile: new facts wake it, no more. */
#define HOLD_NS NS_PER_MS
#define WAKES_MAX 100
/* It is for scenarios that move so little: each call costs HOLD_NS. */
#define WHILE_MAX 10000

/*
 * A gate that posts the task of what it holds at once: it will be asked again in the next turn of the loop. With
 * POLICY_WHILE it waits for its timer.
 */
struct holder {
	struct gate gate;
	struct loop *loop;
	enum policy policy;
	uint32_t seed;
	struct holding {
		const struct sock *sock;
		struct task *task;
		enum step_id step;
		uint32_t wakes;
		bool may_go;
	} held[16];
	size_t held_count;
	struct timer timer;  /* what is held is let go */
	uint32_t wakes;      /* the most of any */
	uint64_t steps;   /* those that were held, a bit each */
	uint64_t orphans; /* those whose sock has no task to come to them again */
};

/* What a process tells of its run. Without gaps: valgrind looks at what is written. */
struct report {
	enum outcome outcome;
	uint32_t has_lost;
	uint64_t steps, orphans;
	uint64_t wakes;
};

/* Is it held for the first time? Then it is remembered, else forgotten. */
static bool is_first_time(struct holder *holder, const struct intent *intent)
{
	for (size_t i = 0; i < holder->held_count; i++) {
		if (holder->held[i].sock != intent->sock || holder->held[i].step != intent->step)
			continue;
		holder->held[i] = holder->held[--holder->held_count];
		return false;
	}
	if (holder->held_count == ARRAY_LEN(holder->held))
		holder->held_count = 0;
	holder->held[holder->held_count].sock = intent->sock;
	holder->held[holder->held_count++].step = intent->step;
	return true;
}

/* POLICY_WHILE: let all go that is held. */
static void holder_fire(struct timer *timer)
{
	struct holder *holder = CONTAINER_OF(timer, struct holder, timer);

	for (size_t i = 0; i < holder->held_count; i++) {
		holder->held[i].may_go = true;
		loop_post(holder->loop, holder->held[i].task);
	}
}

/* The owner of a task goes away. */
static void holder_forgets(struct gate *gate, const struct task *task)
{
	struct holder *holder = CONTAINER_OF(gate, struct holder, gate);

	for (size_t i = holder->held_count; i-- > 0;) {
		if (holder->held[i].task == task)
			holder->held[i] = holder->held[--holder->held_count];
	}
}

/* POLICY_WHILE: is it, or does it remain, held? */
static bool is_while(struct holder *holder, const struct intent *intent)
{
	for (size_t i = 0; i < holder->held_count; i++) {
		struct holding *held = &holder->held[i];

		if (held->sock != intent->sock || held->step != intent->step)
			continue;
		if (!held->may_go) {
			held->wakes++;
			holder->wakes = held->wakes > holder->wakes ? held->wakes : holder->wakes;
			return true;
		}
		*held = holder->held[--holder->held_count];
		return false;
	}
	if (holder->held_count == ARRAY_LEN(holder->held) || intent->sock->task == NULL)
		return false;
	if (!timer_is_set(&holder->timer))
		loop_timer_set(holder->loop, &holder->timer, clock_now_ns() + HOLD_NS);
	holder->held[holder->held_count++] = (struct holding){
		.sock = intent->sock, .task = intent->sock->task, .step = intent->step,
	};
	return true;
}

static bool holder_wants(struct holder *holder, const struct intent *intent)
{
	switch (holder->policy) {
	case POLICY_NONE:
		return false;
	case POLICY_ONCE:
		return is_first_time(holder, intent);
	case POLICY_RANDOM:
		holder->seed = holder->seed * 1664525 + 1013904223;
		return (holder->seed >> 16) % 2 == 0;
	case POLICY_WHILE:
		return is_while(holder, intent);
	}
	return false;
}

static bool holder_admits(struct gate *gate, const struct intent *intent)
{
	struct holder *holder = CONTAINER_OF(gate, struct holder, gate);

	if (!holder_wants(holder, intent))
		return true;
	if (intent->sock->task == NULL) {
		holder->orphans |= UINT64_C(1) << intent->step;
		return true;
	}
	holder->steps |= UINT64_C(1) << intent->step;
	if (holder->policy != POLICY_WHILE)
		loop_post(holder->loop, intent->sock->task);
	return false;
}

/* What a scenario wants of its two ends. */
struct scenario {
	const char *name;
	const char *listen;  /* endpoint; %s: a directory */
	const char *connect; /* endpoint; %s: the directory, %u: the port */
	size_t up, down;     /* bytes that the client's and the server's standard input give */
	bool is_lines;       /* they are lines, each a message */
	bool is_datagram;    /* without an end: the server ends by a signal */
	bool is_keep_open, is_tag;
	bool is_stale;       /* an old socket's file stands in the server's place */
	bool is_file;        /* the client's standard input is a regular file */
	uint64_t held_by_server, held_by_client; /* steps that have to be held there */
};

/* A process under test: one end of a scenario. */
struct end {
	const struct scenario *scenario;
	enum endpoint_role role;
	struct bus bus;
	struct stepper st;
	struct env env;
	struct loop *loop;
	struct engine engine;
	struct stdio_layer io;
	struct console_end console;
	struct endpoint endpoint;
	struct ending_rules rules;
	struct holder holder;
	struct run_result result;
	struct server *server;
};

static void end_say(void *ctx, const char *sentence)
{
	(void)ctx;
	fprintf(stderr, "said: %s\n", sentence);
}

/* The kernel chose the port: the other end has to know it. */
static bool end_ready(void *ctx, struct listening *sockets, size_t count)
{
	uint16_t port = addr_port(&sockets[0].bound);

	(void)ctx;
	(void)count;
	if (write(READY_FD, &port, sizeof(port)) != (ssize_t)sizeof(port))
		abort();
	close(READY_FD);
	return true;
}

static void end_signal(void *ctx, int number)
{
	struct end *end = ctx;

	(void)number;
	server_abandon(end->server, ENDED_SIGNAL, "SIGTERM");
}

/* A resolver that knows two addresses of every name, of which only the second answers. */
static int two_addresses(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	struct {
		struct addrinfo info[2];
		struct sockaddr_in name[2];
	} *answer = xcalloc(1, sizeof(*answer));

	(void)node;
	for (size_t i = 0; i < 2; i++) {
		answer->name[i].sin_family = AF_INET;
		answer->name[i].sin_port = htons((uint16_t)strtoul(service, NULL, 10));
		answer->name[i].sin_addr.s_addr = htonl(i == 0 ? INADDR_LOOPBACK + 1 : INADDR_LOOPBACK);
		answer->info[i].ai_family = AF_INET;
		answer->info[i].ai_socktype = hints->ai_socktype;
		answer->info[i].ai_addrlen = sizeof(answer->name[i]);
		answer->info[i].ai_addr = (struct sockaddr *)&answer->name[i];
		answer->info[i].ai_next = i == 0 ? &answer->info[1] : NULL;
	}
	*found = &answer->info[0];
	return 0;
}

static void free_addresses(struct addrinfo *found)
{
	free(found);
}

static void die(const char *what)
{
	fprintf(stderr, "%s\n", what);
	_exit(99);
}

static void end_open(struct end *end, const char *words, enum policy policy, uint8_t level)
{
	const struct scenario *scenario = end->scenario;
	const struct endpoint_wish wish = { .role = end->role };
	struct console_wish console = { .is_messages = scenario->is_lines, .frame = FRAME_LINE, .frame_max = 1000 };
	struct sink_options sink_options = { .file = "/dev/null", .level = level, .preview = 32 };
	struct failure fail = { .domain = FAILURE_NONE };
	char error[ENDPOINT_ERROR_MAX];
	struct sink *sink;

	if (stdio_layer_open(&end->io) < 0 || endpoint_parse(&end->endpoint, &words, 1, &wish, error) < 0)
		die(words);
	bus_init(&end->bus, clock_now_ns());
	if (level > 0 && sink_open(&sink_text, &sink_options, &sink) == 0)
		bus_add(&end->bus, sink);
	end->env = (struct env){
		.now_ns = clock_now_ns, .getaddrinfo = two_addresses, .freeaddrinfo = free_addresses,
	};
	end->holder = (struct holder){
		.gate = { .admits = holder_admits, .forgets = holder_forgets },
		.policy = policy,
		.seed = 20,
		.timer = { .fire = holder_fire },
	};
	end->st = (struct stepper){ .bus = &end->bus, .gate = &end->holder.gate, .env = &end->env };
	if (loop_open(&end->st, &end->loop, &fail) < 0)
		die("loop_open");
	end->holder.loop = end->loop;
	engine_init(&end->engine, &end->st, end->loop);
	end->engine.say = end_say;
	end->rules = (struct ending_rules){
		.is_crowd = scenario->is_keep_open && end->role == ROLE_LISTEN,
		.is_datagram = scenario->is_datagram,
		.idle_ns = ENDING_NEVER,
		.quit_after_ns = scenario->is_datagram && end->role == ROLE_CONNECT ? 20 * NS_PER_MS : ENDING_NEVER,
	};
	console_end_open(&end->console, &end->io, NULL, &console);
}

static void end_listen(struct end *end)
{
	const struct server_settings settings = {
		.engine = &end->engine,
		.endpoint = &end->endpoint,
		.rules = &end->rules,
		.end = &end->console,
		.backlog = 128,
		.is_reuseaddr = true,
		.is_keep_open = end->scenario->is_keep_open,
		.is_tag = end->scenario->is_tag,
		.max_conns = UINT64_MAX,
		.accept_timeout_ns = UINT64_MAX,
		.wants_names = true,
		.ready = end_ready,
		.ctx = end,
	};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	end->server = server_start(&settings, &end->result);
	if (loop_signals(end->loop, &set, end_signal, end) < 0 || loop_run(end->loop) < 0)
		die("loop");
	server_free(end->server);
}

static bool end_connected(void *ctx, struct unixfile *file)
{
	(void)ctx;
	(void)file;
	return true;
}

static void end_connect(struct end *end)
{
	const struct dialer_settings settings = {
		.engine = &end->engine,
		.endpoint = &end->endpoint,
		.rules = &end->rules,
		.end = &end->console,
		.connect_timeout_ns = UINT64_MAX,
		.connected = end_connected,
		.ctx = end,
	};
	struct dialer *dialer = dialer_start(&settings, &end->result);

	if (loop_run(end->loop) < 0)
		die("loop");
	dialer_free(dialer);
}

/* A process: run one end, and report. */
static void end_main(const struct scenario *scenario, enum endpoint_role role, const char *words, enum policy policy,
		     uint8_t level)
{
	struct end end = { .scenario = scenario, .role = role };
	struct report report;

	alarm(WATCHDOG_S);
	signal(SIGPIPE, SIG_IGN);
	end_open(&end, words, policy, level);
	if (role == ROLE_LISTEN)
		end_listen(&end);
	else
		end_connect(&end);
	report = (struct report){
		.outcome = end.result.is_over ? ending_outcome(end.result.ended, &end.result.fail) : OUTCOME_FAILED,
		.has_lost = end.result.has_lost,
		.steps = end.holder.steps,
		.orphans = end.holder.orphans,
		.wakes = end.holder.wakes,
	};
	if (report.outcome != OUTCOME_OK && report.outcome != OUTCOME_SIGNAL)
		fprintf(stderr, "%s: %s: step %s, error %d\n", words, ended_word(end.result.ended),
			step_name(end.result.fail.step), end.result.fail.code);
	engine_clear(&end.engine);
	layer_close(end.console.stream.top, &end.st);
	loop_close(end.loop);
	bus_clear(&end.bus, NULL, 0);
	endpoint_clear(&end.endpoint);
	if (write(REPORT_FD, &report, sizeof(report)) != (ssize_t)sizeof(report))
		die("report");
	_exit(0);
}

/* A process as the test sees it: what goes into it, and what comes out. */
struct peer {
	pid_t pid;
	int in, out, report, ready;
	char *give, *got;
	size_t give_len, given, got_len, got_size;
};

static void pipe_open(int fds[2])
{
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
}

/* A regular file with what is to be given: it takes the place of the pipe. */
static void replace_by_file(struct peer *peer, int in[2])
{
	close(in[0]);
	close(in[1]);
	in[1] = -1;
	in[0] = memfd_create("input", MFD_CLOEXEC);
	assert_int_not_equal(in[0], -1);
	assert_int_equal(write(in[0], peer->give, peer->give_len), peer->give_len);
	assert_int_equal(lseek(in[0], 0, SEEK_SET), 0);
	peer->given = peer->give_len;
}

/* In the new process: only 0 to 2, the report and the ready descriptor stay open. */
static void keep_descriptors(int in, int out, int report, int ready)
{
	if (dup2(report, REPORT_FD) == -1 || dup2(ready, READY_FD) == -1 || dup2(in, 0) == -1 || dup2(out, 1) == -1 ||
	    close_range(3, REPORT_FD - 1, 0) == -1 || close_range(READY_FD + 1, ~0U, 0) == -1)
		die("descriptors");
}

static void peer_start(struct peer *peer, const struct scenario *scenario, enum endpoint_role role, const char *words,
		       enum policy policy, uint8_t level)
{
	int in[2], out[2], report[2], ready[2];

	pipe_open(in);
	pipe_open(out);
	pipe_open(report);
	pipe_open(ready);
	if (scenario->is_file && role == ROLE_CONNECT)
		replace_by_file(peer, in);
	fflush(stdout);
	fflush(stderr);
	peer->pid = fork();
	assert_int_not_equal(peer->pid, -1);
	if (peer->pid == 0) {
		keep_descriptors(in[0], out[1], report[1], ready[1]);
		end_main(scenario, role, words, policy, level);
	}
	close(in[0]);
	close(out[1]);
	close(report[1]);
	close(ready[1]);
	peer->in = in[1];
	peer->out = out[0];
	peer->report = report[0];
	peer->ready = ready[0];
	if (peer->in != -1)
		assert_int_not_equal(fcntl(peer->in, F_SETFL, O_NONBLOCK), -1);
	assert_int_not_equal(fcntl(peer->out, F_SETFL, O_NONBLOCK), -1);
}

/* len bytes without a plan; as lines, of 32 bytes each. */
static void peer_fill(struct peer *peer, size_t len, bool is_lines, uint32_t seed)
{
	peer->give = xmalloc(len + 1);
	peer->give_len = len;
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		peer->give[i] = is_lines ? (char)(i % 32 == 31 ? '\n' : 'a' + (seed >> 24) % 26) : (char)(seed >> 24);
	}
}

/* Give some of what is to be given. At its end the pipe is closed, where that is wanted. */
static void peer_give(struct peer *peer, bool is_closing)
{
	ssize_t n;

	if (peer->in == -1)
		return;
	while (peer->given < peer->give_len) {
		n = write(peer->in, peer->give + peer->given, peer->give_len - peer->given);
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1)
			break;
		peer->given += (size_t)n;
	}
	if (is_closing) {
		close(peer->in);
		peer->in = -1;
	}
}

/* Take what has come. */
static void peer_take(struct peer *peer)
{
	ssize_t n;

	while (peer->out != -1) {
		if (peer->got_len == peer->got_size) {
			peer->got_size = peer->got_size * 2 + 4096;
			peer->got = xrealloc(peer->got, peer->got_size);
		}
		n = read(peer->out, peer->got + peer->got_len, peer->got_size - peer->got_len);
		if (n == -1 && errno == EAGAIN)
			return;
		if (n <= 0) {
			close(peer->out);
			peer->out = -1;
			return;
		}
		peer->got_len += (size_t)n;
	}
}

/* Move data through both until their output has ended; want: how much each is to put out. */
static void convey(const struct scenario *scenario, struct peer *server, struct peer *client, const size_t want[2])
{
	bool was_ended = false;

	while (server->out != -1 || client->out != -1) {
		bool is_complete = server->got_len >= want[0] && client->got_len >= want[1];
		bool may_leave = !scenario->is_datagram || is_complete;
		struct pollfd fds[] = {
			{ .fd = server->out, .events = POLLIN },
			{ .fd = client->out, .events = POLLIN },
			{ .fd = server->given < server->give_len ? server->in : -1, .events = POLLOUT },
			{ .fd = client->given < client->give_len ? client->in : -1, .events = POLLOUT },
		};

		peer_give(server, !scenario->is_datagram);
		peer_give(client, may_leave);
		if (client->out == -1 && is_complete && !was_ended &&
		    (scenario->is_datagram || scenario->is_keep_open)) {
			was_ended = true;
			assert_int_equal(kill(server->pid, SIGTERM), 0);
		}
		if (poll(fds, ARRAY_LEN(fds), WATCHDOG_S * 1000) == 0)
			fail_msg("%s: nothing happens any more; server %zu of %zu, client %zu of %zu bytes",
				 scenario->name, server->got_len, want[0], client->got_len, want[1]);
		peer_take(server);
		peer_take(client);
	}
}

/* Wait for its end and look at its report. */
static void peer_end(struct peer *peer, const char *name, enum policy policy, enum outcome outcome, uint64_t held)
{
	struct report report;
	int status;

	CHECK_INT(name, waitpid(peer->pid, &status, 0), peer->pid);
	CHECK_INT(name, status, 0);
	CHECK_INT(name, read(peer->report, &report, sizeof(report)), sizeof(report));
	CHECK_INT(name, report.outcome, outcome);
	CHECK_INT(name, report.has_lost, 0);
	if (report.wakes > WAKES_MAX)
		fail_msg("%s: it has not waited: %d wakes", name, (int)report.wakes);
	for (int step = 0; step < STEP_COUNT; step++) {
		if ((report.orphans & UINT64_C(1) << step) != 0)
			fail_msg("%s: %s was held on a sock that has no task", name, step_name(step));
		if (policy == POLICY_ONCE && (held & ~report.steps & UINT64_C(1) << step) != 0)
			fail_msg("%s: %s was never held", name, step_name(step));
	}
	close(peer->report);
	close(peer->ready);
	if (peer->in != -1)
		close(peer->in);
	free(peer->give);
	free(peer->got);
}

/* What the server's output is to be: with tags, "[1] " before each line. */
static void check_output(const char *name, const struct peer *to, const struct peer *from, bool is_tag)
{
	size_t at = 0;

	for (size_t i = 0; i < from->give_len; i++) {
		if (is_tag && i % 32 == 0) {
			if (to->got_len - at < 4 || memcmp(to->got + at, "[1] ", 4) != 0)
				fail_msg("%s: no tag at byte %zu", name, at);
			at += 4;
		}
		if (at >= to->got_len || to->got[at++] != from->give[i])
			fail_msg("%s: byte %zu of %zu is wrong; %zu have come", name, i, from->give_len, to->got_len);
	}
	CHECK_INT(name, to->got_len, at);
}

/* The file of a socket that nobody listens on. */
static void leave_stale_file(const char *dir)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct addr addr;
	char path[64];

	snprintf(path, sizeof(path), "%s/socket", dir);
	assert_int_equal(addr_set_unix(&addr, path), 0);
	assert_int_equal(bind(fd, &addr.sa, addr.len), 0);
	close(fd);
}

/* An endpoint with the directory or the port put in. */
static void fill_in(char *dst, size_t size, const char *pattern, const char *dir, unsigned port)
{
	const char *at = strchr(pattern, '%');
	size_t len = at == NULL ? strlen(pattern) : (size_t)(at - pattern);

	if (at == NULL)
		snprintf(dst, size, "%s", pattern);
	else if (at[1] == 's')
		snprintf(dst, size, "%.*s%s%s", (int)len, pattern, dir, at + 2);
	else
		snprintf(dst, size, "%.*s%u%s", (int)len, pattern, port, at + 2);
}

static void run_scenario(const struct scenario *scenario, enum policy policy, uint8_t level)
{
	char dir[] = "/tmp/sockt-gate-XXXXXX", words[128], path[64];
	struct peer server = { .got = NULL }, client = { .got = NULL };
	size_t want[2] = { scenario->up + (scenario->is_tag ? scenario->up / 32 * 4 : 0), scenario->down };
	bool ends_by_signal = scenario->is_datagram || scenario->is_keep_open;
	uint16_t port;

	assert_non_null(mkdtemp(dir));
	if (scenario->is_stale)
		leave_stale_file(dir);
	peer_fill(&server, scenario->down, scenario->is_lines || scenario->is_tag, 1);
	peer_fill(&client, scenario->up, scenario->is_lines || scenario->is_tag, 2);
	fill_in(words, sizeof(words), scenario->listen, dir, 0);
	peer_start(&server, scenario, ROLE_LISTEN, words, policy, level);
	CHECK_INT(scenario->name, read(server.ready, &port, sizeof(port)), sizeof(port));
	fill_in(words, sizeof(words), scenario->connect, dir, port);
	peer_start(&client, scenario, ROLE_CONNECT, words, policy, level);
	convey(scenario, &server, &client, want);
	check_output(scenario->name, &server, &client, scenario->is_tag);
	check_output(scenario->name, &client, &server, false);
	peer_end(&client, scenario->name, policy, OUTCOME_OK, scenario->held_by_client);
	peer_end(&server, scenario->name, policy, ends_by_signal ? OUTCOME_SIGNAL : OUTCOME_OK,
		 scenario->held_by_server);
	snprintf(path, sizeof(path), "%s/socket", dir);
	unlink(path);
	CHECK_INT(scenario->name, rmdir(dir), 0);
}

#define BIT(step) (UINT64_C(1) << STEP_##step)
#define OPENS (BIT(SOCKET) | BIT(BIND))
#define MOVES (BIT(READ) | BIT(WRITE) | BIT(SEND) | BIT(RECV))

static const struct scenario scenarios[] = {
	{
		.name = "tcp, short", .listen = "tcp4:127.0.0.1:0", .connect = "tcp4:127.0.0.1:%u",
		.up = 10, .down = 20,
		.held_by_server = OPENS | MOVES | BIT(SETSOCKOPT) | BIT(LISTEN) | BIT(ACCEPT) | BIT(SHUTDOWN),
		.held_by_client = MOVES | BIT(SOCKET) | BIT(CONNECT) | BIT(SHUTDOWN),
	},
	{
		.name = "tcp, nothing to say", .listen = "tcp4:127.0.0.1:0", .connect = "tcp4:127.0.0.1:%u",
		.held_by_client = BIT(READ) | BIT(RECV) | BIT(SHUTDOWN),
	},
	{
		.name = "tcp, long", .listen = "tcp4:127.0.0.1:0", .connect = "tcp4:127.0.0.1:%u",
		.up = 3000000, .down = 2000000,
	},
	{
		.name = "tcp, from a file", .listen = "tcp4:127.0.0.1:0", .connect = "tcp4:127.0.0.1:%u",
		.up = 6000000, .down = 10, .is_file = true, .held_by_client = BIT(READ) | BIT(SEND),
	},
	{
		.name = "tcp, options of every phase", .listen = "tcp4:127.0.0.1:0,nodelay,keepalive,rcvbuf=100000",
		.connect = "tcp4:127.0.0.1:%u,nodelay,sndbuf=100000,bind=127.0.0.1", .up = 1000, .down = 1000,
		.held_by_client = OPENS | BIT(SETSOCKOPT),
	},
	{
		.name = "tcp, a race", .listen = "tcp4:127.0.0.1:0", .connect = "tcp4:two.example:%u",
		.up = 1000, .down = 1000,
	},
	{
		.name = "tcp, a crowd", .listen = "tcp4:127.0.0.1:0", .connect = "tcp4:127.0.0.1:%u", .up = 320000,
		.down = 0, .is_keep_open = true,
	},
	{
		.name = "tcp, a crowd that is spoken to", .listen = "tcp4:127.0.0.1:0",
		.connect = "tcp4:127.0.0.1:%u", .up = 320, .down = 3200, .is_keep_open = true,
		.held_by_server = BIT(SEND),
	},
	{
		.name = "tcp, a crowd with tags", .listen = "tcp4:127.0.0.1:0,nodelay", .connect = "tcp4:127.0.0.1:%u",
		.up = 320000, .down = 0, .is_keep_open = true, .is_tag = true,
	},
	{
		.name = "unix", .listen = "unix:%s/socket", .connect = "unix:%s/socket", .up = 500000, .down = 400000,
		.held_by_server = OPENS | MOVES | BIT(LISTEN) | BIT(ACCEPT) | BIT(SHUTDOWN),
	},
	{
		.name = "unix, a stale file", .listen = "unix:%s/socket", .connect = "unix:%s/socket",
		.up = 10, .down = 10, .is_stale = true, .held_by_server = OPENS | BIT(CONNECT),
	},
	{
		.name = "seqpacket", .listen = "unix-seqpacket:%s/socket", .connect = "unix-seqpacket:%s/socket",
		.up = 3200, .down = 6400, .is_lines = true,
	},
	{
		.name = "udp", .listen = "udp4:127.0.0.1:0", .connect = "udp4:127.0.0.1:%u", .up = 640, .down = 320,
		.is_lines = true, .is_datagram = true, .held_by_server = OPENS | MOVES,
		.held_by_client = BIT(SOCKET) | BIT(CONNECT) | MOVES,
	},
	{
		.name = "udp, a crowd", .listen = "udp4:127.0.0.1:0", .connect = "udp4:127.0.0.1:%u",
		.up = 640, .down = 0, .is_lines = true, .is_datagram = true, .is_keep_open = true,
		.held_by_server = OPENS | BIT(RECV),
	},
	{
		.name = "unix-dgram", .listen = "unix-dgram:%s/socket", .connect = "unix-dgram:%s/socket", .up = 6400,
		.down = 3200, .is_lines = true, .is_datagram = true, .held_by_client = OPENS | MOVES,
	},
};

static void test_gate_open(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scenarios); i++)
		run_scenario(&scenarios[i], POLICY_NONE, 0);
}

static void test_gate_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scenarios); i++)
		run_scenario(&scenarios[i], POLICY_ONCE, 0);
}

static void test_gate_random(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scenarios); i++)
		run_scenario(&scenarios[i], POLICY_RANDOM, 0);
}

/* Nobody spins while it is held, nor misses what has come meanwhile. */
static void test_gate_while(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
		if (scenarios[i].up + scenarios[i].down <= WHILE_MAX)
			run_scenario(&scenarios[i], POLICY_WHILE, 0);
	}
}

/* With a trace that shows data: everything is copied. */
static void test_gate_watched(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scenarios); i++)
		run_scenario(&scenarios[i], POLICY_RANDOM, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gate_open),
		cmocka_unit_test(test_gate_once),
		cmocka_unit_test(test_gate_random),
		cmocka_unit_test(test_gate_while),
		cmocka_unit_test(test_gate_watched),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
