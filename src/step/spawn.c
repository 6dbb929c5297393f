/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs that are started: see spawn.h. */
#include "step/spawn.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "step/calls.h"

/* close_range(2), of Linux 5.9 and 5.11; headers may be older. */
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/* execvp(3): where PATH is not set. */
#define PATH_DEFAULT "/bin:/usr/bin"

/* Both ends of what connects us with a program: ours, and its. */
struct ends {
	int in, out;
	int its_in, its_out; /* -1: it opens the terminal by name */
	char terminal[64];
};

static void close_end(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static void ends_clear(struct ends *ends)
{
	close_end(&ends->in);
	close_end(&ends->out);
	close_end(&ends->its_in);
	close_end(&ends->its_out);
}

/* Only our end must not wait: each end of a pipe is an open file of its own. */
static int set_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags == -1 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static int open_pipes(struct ends *ends)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) == -1)
		return -1;
	ends->its_in = to[0];
	ends->in = to[1];
	if (pipe2(from, O_CLOEXEC) == -1)
		return -1;
	ends->out = from[0];
	ends->its_out = from[1];
	return set_nonblock(ends->in) == -1 || set_nonblock(ends->out) == -1 ? -1 : 0;
}

/* As large as our own terminal, where we have one; else as they used to be. */
static void set_size(int fd)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 }, own;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &own) == 0 && own.ws_row > 0 && own.ws_col > 0)
		size = own;
	ioctl(fd, TIOCSWINSZ, &size);
}

/* pty(7): the program opens the other side itself, whereby it becomes its controlling terminal. */
static int open_terminal(struct ends *ends)
{
	ends->out = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ends->out == -1 || grantpt(ends->out) == -1 || unlockpt(ends->out) == -1)
		return -1;
	errno = ptsname_r(ends->out, ends->terminal, sizeof(ends->terminal));
	if (errno != 0)
		return -1;
	set_size(ends->out);
	/* One descriptor for each direction, as with pipes: the loop knows each once. */
	ends->in = fcntl(ends->out, F_DUPFD_CLOEXEC, 0);
	return ends->in == -1 ? -1 : set_nonblock(ends->out);
}

/* What is done in the child before the program: 0 or an errno. */
static int add_actions(posix_spawn_file_actions_t *actions, const struct ends *ends)
{
	int error;

	if (ends->its_in == -1) {
		error = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, ends->terminal, O_RDWR, 0);
		for (int fd = STDOUT_FILENO; error == 0 && fd <= STDERR_FILENO; fd++)
			error = posix_spawn_file_actions_adddup2(actions, STDIN_FILENO, fd);
		return error;
	}
	error = posix_spawn_file_actions_adddup2(actions, ends->its_in, STDIN_FILENO);
	return error != 0 ? error : posix_spawn_file_actions_adddup2(actions, ends->its_out, STDOUT_FILENO);
}

static int set_attributes(posix_spawnattr_t *attributes, const union step_args *args)
{
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	sigset_t by_default;

	sigemptyset(&by_default);
	sigaddset(&by_default, SIGPIPE);
	sigaddset(&by_default, SIGXFSZ);
	posix_spawnattr_setsigdefault(attributes, &by_default);
	posix_spawnattr_setsigmask(attributes, args->spawn.mask);
	/* A terminal is controlled by a session of its own (setsid(2)). */
	if (args->spawn.has_pty)
		flags |= POSIX_SPAWN_SETSID;
	return posix_spawnattr_setflags(attributes, flags);
}

/* posix_spawnp(3), which tells the errno of a failed exec too. Returns the pid or -errno. */
static int64_t start(const union step_args *args, const struct ends *ends)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t pid = 0;
	int error;

	error = posix_spawn_file_actions_init(&actions);
	if (error != 0)
		return -error;
	error = posix_spawnattr_init(&attributes);
	if (error == 0) {
		error = add_actions(&actions, ends);
		if (error == 0)
			error = set_attributes(&attributes, args);
		if (error == 0)
			error = posix_spawnp(&pid, args->spawn.argv[0], &actions, &attributes, args->spawn.argv,
					     args->spawn.envp);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return error != 0 ? -error : pid;
}

int64_t call_spawn(struct sock *sk, union step_args *args)
{
	struct ends ends = { .in = -1, .out = -1, .its_in = -1, .its_out = -1 };
	int64_t pid;

	(void)sk;
	if ((args->spawn.has_pty ? open_terminal(&ends) : open_pipes(&ends)) == -1)
		pid = -errno;
	else
		pid = start(args, &ends);
	if (pid > 0) {
		args->spawn.in = ends.in;
		args->spawn.out = ends.out;
		ends.in = -1;
		ends.out = -1;
	}
	ends_clear(&ends);
	return pid;
}

int64_t call_waitpid(struct sock *sk, union step_args *args)
{
	pid_t pid;

	(void)sk;
	do
		pid = waitpid(args->waitpid.pid, &args->waitpid.status, WNOHANG);
	while (pid == -1 && errno == EINTR);
	return pid == -1 ? -errno : pid;
}

static void end_init(struct sock *sk, const struct process *process, int fd, bool has_pty)
{
	*sk = (struct sock){
		.fd = fd,
		.session = process->end.session,
		.kind = has_pty ? SOCK_KIND_TERMINAL : SOCK_KIND_PIPE,
	};
}

void process_init(struct process *process, uint32_t session, struct task *task)
{
	*process = (struct process){ .pid = 0 };
	sock_init(&process->in);
	sock_init(&process->out);
	sock_init(&process->end);
	process->end.session = session;
	process->end.task = task;
	process->end.is_hidden = true;
}

int step_spawn(struct stepper *st, struct process *process, const struct spawn_wish *wish)
{
	struct intent intent = { .step = STEP_SPAWN, .sock = &process->end };
	int64_t pid;

	intent.args.spawn.argv = wish->argv;
	intent.args.spawn.envp = wish->envp;
	intent.args.spawn.mask = wish->mask;
	intent.args.spawn.has_pty = wish->has_pty;
	intent.args.spawn.in = -1;
	intent.args.spawn.out = -1;
	pid = step_do(st, &intent);
	if (pid < 0)
		return (int)pid;
	process->pid = (pid_t)pid;
	process->has_pty = wish->has_pty;
	end_init(&process->in, process, intent.args.spawn.in, wish->has_pty);
	end_init(&process->out, process, intent.args.spawn.out, wish->has_pty);
	process->in.ready = READY_OUT;
	/* pidfd_open(2) sets O_CLOEXEC. ENOSYS before Linux 5.3: then it has to be asked now and again. */
	process->end.fd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	return 0;
}

/* Is there anything to be told of it? It is not taken. */
static bool is_waiting(const struct process *process)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == -1 || info.si_pid != 0;
}

bool step_reap(struct stepper *st, struct process *process)
{
	struct intent intent = { .step = STEP_WAITPID, .sock = &process->end };
	struct sock *sk = &process->end;
	int fd = sk->fd;

	if (process->pid == 0 || !is_waiting(process))
		return process->has_ended;
	intent.args.waitpid.pid = process->pid;
	intent.args.waitpid.status = 0;
	/* The event is about no descriptor. */
	sk->fd = -1;
	step_make(st, &intent);
	sk->fd = fd;
	process->status = intent.args.waitpid.status;
	process->has_ended = true;
	process->pid = 0;
	return true;
}

void process_signal(const struct process *process, int number)
{
	/* Nobody else has its number while it is not waited for. */
	if (process->pid > 0)
		kill(process->pid, number);
}

int process_exit_status(const struct process *process)
{
	if (WIFSIGNALED(process->status))
		return 128 + WTERMSIG(process->status);
	return WEXITSTATUS(process->status);
}

void process_wait(const struct process *process, int timeout_ms)
{
	struct pollfd end = { .fd = process->end.fd, .events = POLLIN };

	/* Without a pidfd: a short nap, and the caller asks again. */
	poll(&end, 1, process->end.fd == -1 && timeout_ms > 10 ? 10 : timeout_ms);
}

/* Without close_range(2): one by one. */
static void seal_each(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		int fd = (int)strtol(entry->d_name, NULL, 10);

		if (fd > STDERR_FILENO)
			fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	closedir(dir);
}

void spawn_prepare(void)
{
	/* Inherited as ignored it would keep waitpid(2) from telling anything. */
	signal(SIGCHLD, SIG_DFL);
	if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == -1)
		seal_each();
}

/* May this file be executed? Returns 0 or -errno. */
static int find_at(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return -errno;
	return S_ISREG(st.st_mode) && access(path, X_OK) == 0 ? 0 : -EACCES;
}

int spawn_find(const char *file)
{
	const char *path = getenv("PATH");
	int found = -ENOENT;
	char name[4096];

	if (strchr(file, '/') != NULL)
		return find_at(file);
	for (path = path == NULL ? PATH_DEFAULT : path;; path++) {
		int len = (int)strcspn(path, ":"), ret;

		/* An empty part is the directory we are in. */
		snprintf(name, sizeof(name), "%.*s/%s", len == 0 ? 1 : len, len == 0 ? "." : path, file);
		ret = find_at(name);
		if (ret == 0)
			return 0;
		/* execvp(3): what is found and may not be executed is told, where nothing else is found. */
		if (ret == -EACCES)
			found = -EACCES;
		path += len;
		if (*path == '\0')
			break;
	}
	return found;
}
