/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnoses: why a Unix socket could not be made, or reached. Sentences only. */
#include "engine/diagnose.h"

#include "base/i18n.h"

#include <errno.h>
#include <sys/stat.h>

#define STEPS_BIND (STEP_BIT(BIND) | STEP_BIT(LISTEN))
#define STEPS_CONNECT (STEP_BIT(CONNECT) | STEP_BIT(CONNECTED) | STEP_BIT(SEND))

static bool is_held(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_unix;
}

static bool is_abstract(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return failure->addr.len > sizeof(sa_family_t) && failure->addr.un.sun_path[0] == '\0';
}

static bool is_other_file(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->path.mode != 0 && !facts->path.is_directory && !S_ISSOCK(facts->path.mode);
}

static bool is_stale(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return !facts->has_unix && !facts->path.is_directory && S_ISSOCK(facts->path.mode);
}

static bool is_stale_and_kept(const struct failure *failure, const struct facts *facts)
{
	return is_stale(failure, facts) && facts->path.is_kept;
}

static bool is_directory_at_fault(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->path.error != 0 && facts->path.is_directory;
}

static bool is_search_missing(const struct failure *failure, const struct facts *facts)
{
	return is_directory_at_fault(failure, facts) && facts->path.needs_search;
}

static bool is_socket_at_fault(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->path.error != 0 && !facts->path.is_directory;
}

/* Bound, but it does not listen: a program between its bind() and its listen(), or a client's own name. */
static bool is_deaf(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_unix && !facts->unix_holder.is_listening;
}

#define ROW FAILURE_ERRNO

const struct diagnosis diagnosis_unix[] = {
	{ ROW, EADDRINUSE, STEPS_BIND, KIND_UNIX, is_held,
	  N_("{unix holder} is bound to {addr} already"),
	  N_("end that program, or take another name; `ss -xlp` lists who listens") },
	{ ROW, EADDRINUSE, STEPS_BIND, KIND_UNIX, is_abstract,
	  N_("a socket was bound to the name {addr}, but none is to be seen now: it is gone, or hidden"),
	  N_("try again; `ss -xap` as root lists who is there") },
	{ ROW, EADDRINUSE, STEPS_BIND, KIND_UNIX, is_other_file,
	  N_("{file kind} stands at {where}, and only a stale socket is ever replaced"),
	  N_("choose another path; `ls -ld {where}` shows what is there") },
	{ ROW, EADDRINUSE, STEPS_BIND, KIND_UNIX, is_stale_and_kept,
	  N_("a socket of uid {owner} stands at {addr} that no program of this network namespace is bound to, and the "
	     "directory is sticky: only its owner or root may remove it"),
	  N_("choose another path, or let one of them run `rm {addr}`") },
	{ ROW, EADDRINUSE, STEPS_BIND, KIND_UNIX, NULL,
	  N_("a socket stands at {addr} that no program of this network namespace is bound to: left behind, or of a "
	     "container"),
	  N_("if nobody uses it, `rm {addr}`") },
	{ ROW, EACCES, STEPS_BIND, KIND_UNIX, is_search_missing,
	  N_("the directory {where} (mode {mode}, owner uid {owner}) may not be entered by uid {uid}"),
	  N_("choose a directory of your own, or let its owner run `chmod o+x {where}`") },
	{ ROW, EACCES, STEPS_BIND, KIND_UNIX, is_directory_at_fault,
	  N_("a socket is a file, and uid {uid} may not make one in {where} (mode {mode}, owner uid {owner})"),
	  N_("choose a directory of your own: `ls -ld {where}` shows the permissions") },
	{ ROW, ENOENT, STEPS_BIND, KIND_UNIX, is_directory_at_fault,
	  N_("the directory {where} does not exist"),
	  N_("`mkdir -p {where}`, or choose another path") },
	{ ROW, EROFS, STEPS_BIND, KIND_UNIX, NULL,
	  N_("the file system that {addr} would be on is mounted read-only"),
	  N_("choose a path in /run or /tmp, or an abstract name (unix:@NAME), which needs no file") },
	{ ROW, ENOSPC, STEPS_BIND, KIND_UNIX, NULL,
	  N_("a socket is a file, and the file system of {addr} has no room for another"),
	  N_("`df -h` and `df -i` show what is left; an abstract name (unix:@NAME) needs no file") },
	{ ROW, EPERM, STEPS_BIND, KIND_UNIX, NULL,
	  N_("a socket is a file of its own kind, and the file system of {addr} has no such files"),
	  N_("choose a path in /run or /tmp, or an abstract name (unix:@NAME), which needs no file") },
	{ ROW, EADDRNOTAVAIL, STEPS_BIND, KIND_UNIX, NULL,
	  N_("no such name can be had"),
	  N_("choose another name") },

	{ ROW, ENOENT, STEPS_CONNECT, KIND_UNIX, is_directory_at_fault,
	  N_("the directory {where} does not exist, so neither does the socket"),
	  N_("is the path right? `ss -xl` lists all sockets that listen") },
	{ ROW, ENOENT, STEPS_CONNECT, KIND_UNIX, NULL,
	  N_("there is no file {addr}: the server is not started, or has its socket elsewhere"),
	  N_("`ss -xl` lists all sockets that listen; --retry waits for one that will come") },
	{ ROW, ECONNREFUSED, STEPS_CONNECT, KIND_UNIX, is_other_file,
	  N_("{where} is {file kind}, not a socket"),
	  N_("`ls -ld {where}`; `ss -xl` lists all sockets that listen") },
	{ ROW, ECONNREFUSED, STEPS_CONNECT, KIND_UNIX, is_abstract,
	  N_("no socket listens on the abstract name {addr} in this network namespace"),
	  N_("is the server started? `ss -xl` lists all sockets that listen") },
	{ ROW, ECONNREFUSED, STEPS_CONNECT, KIND_UNIX, is_deaf,
	  N_("{unix holder} is bound to {addr}, but does not listen there (yet)"),
	  N_("try again (--retry waits for a server that is starting); `ss -xap` shows its state") },
	{ ROW, ECONNREFUSED, STEPS_CONNECT, KIND_UNIX, is_held,
	  N_("by now {unix holder} listens on {addr}: a moment ago it did not"),
	  N_("try again; --retry waits for a server that is starting") },
	{ ROW, ECONNREFUSED, STEPS_CONNECT, KIND_UNIX, is_stale,
	  N_("the socket file is stale: nobody is bound to it any more; the program that made it ended without "
	     "removing it (or it is one of a container)"),
	  N_("start the server again: sockt replaces a stale file, other programs may want `rm {addr}` first") },
	{ ROW, EAGAIN, STEPS_CONNECT, KIND_UNIX, is_held,
	  N_("the accept queue of {unix holder} is full ({unix queue}): it listens, but does not accept"),
	  N_("is that program stuck? `ss -xl` shows its queue (Recv-Q, Send-Q); --retry tries again") },
	{ ROW, EAGAIN, STEPS_CONNECT, KIND_UNIX, NULL,
	  N_("the accept queue of the socket is full: its program does not accept"),
	  N_("is that program stuck? `ss -xl` shows its queue (Recv-Q, Send-Q); --retry tries again") },
	{ FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, 0, KIND_UNIX, is_held,
	  N_("the accept queue of {unix holder} is full ({unix queue}): it listens, but does not accept"),
	  N_("is that program stuck? `ss -xl` shows its queue (Recv-Q, Send-Q)") },
	{ ROW, ENOTSOCK, STEPS_CONNECT, KIND_UNIX, is_other_file,
	  N_("{where} is {file kind}, not a socket"),
	  N_("`ls -ld {where}`; `ss -xl` lists all sockets that listen") },
	{ ROW, EPROTOTYPE, STEPS_CONNECT, KIND_UNIX, is_held,
	  N_("the socket of {unix holder} is of the kind {unix kind}, and {kind} was asked for"),
	  N_("`sockt connect {unix kind}:{addr}`") },
	{ ROW, EPROTOTYPE, STEPS_CONNECT, KIND_UNIX, NULL,
	  N_("the socket at {addr} is of another kind than {kind}"),
	  N_("there are unix:, unix-dgram: and unix-seqpacket:; `ss -xa` shows which one it is") },
	{ ROW, EACCES, STEPS_CONNECT, KIND_UNIX, is_search_missing,
	  N_("the directory {where} (mode {mode}, owner uid {owner}) may not be entered by uid {uid}"),
	  N_("run it as its owner or as root, or let the owner run `chmod o+x {where}`") },
	{ ROW, EACCES, STEPS_CONNECT, KIND_UNIX, is_socket_at_fault,
	  N_("to connect to a socket is to write to its file, and uid {uid} may not (mode {mode}, owner uid {owner})"),
	  N_("run it as its owner or as root, or get into its group; `ls -l {where}` shows the permissions") },

	{ ROW, ENOTDIR, 0, KIND_UNIX, is_directory_at_fault,
	  N_("{where} on the way to it is {file kind}, not a directory"),
	  N_("`ls -ld {where}`; is the path right?") },
	{ ROW, ELOOP, 0, KIND_UNIX, NULL,
	  N_("the symbolic links on the way to {addr} lead round in a circle"),
	  N_("`namei -l {addr}` shows them") },
	{ ROW, ENAMETOOLONG, 0, KIND_UNIX, NULL,
	  N_("the path of a Unix socket has at most 107 bytes"),
	  N_("change to its directory first and give the name alone, or choose a shorter path") },
	{ ROW, EACCES, 0, KIND_UNIX, NULL,
	  N_("the permissions of the path, or a rule of this system (Landlock, SELinux, AppArmor), forbid it"),
	  N_("`namei -l {addr}` shows the permissions of every directory on the way") },
	{ ROW, EPERM, STEPS_CONNECT, KIND_UNIX, NULL,
	  N_("the socket is connected to another one, and takes messages from that one only, or a rule of this system "
	     "forbids it"),
	  N_("`ss -xap` shows who is connected to whom") },
	{ .domain = FAILURE_NONE },
};
