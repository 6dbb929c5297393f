/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps there are: one list, from which the enum, the names, the levels and the help topics come. */
#ifndef SOCKT_TRACE_STEP_ID_H
#define SOCKT_TRACE_STEP_ID_H

#include <stdbool.h>
#include <stdint.h>

/*
 * X(identifier, name, level, is_observing, what it is)
 *   level         the lowest trace level that shows it
 *   is_observing  made only to look: "observe":true in JSON
 */
#define STEP_LIST(X)                                                                                       \
	X(RESOLVE, "resolve", 1, false, "ask the resolver for the addresses of a name")                    \
	X(SOCKET, "socket", 1, false, "make a socket")                                                     \
	X(SETSOCKOPT, "setsockopt", 1, false, "set an option of a socket")                                 \
	X(BIND, "bind", 1, false, "give a socket its local address")                                       \
	X(LISTEN, "listen", 1, false, "make a socket wait for connections")                                \
	X(ACCEPT, "accept", 1, false, "take a connection out of the accept queue")                         \
	X(CONNECT, "connect", 1, false, "ask for a connection")                                            \
	X(CONNECTED, "connected", 1, false, "the answer to connect() when it was in progress")             \
	X(SEND, "send", 2, false, "hand bytes to the kernel to be sent")                                   \
	X(RECV, "recv", 2, false, "take bytes that have arrived")                                          \
	X(SPLICE, "splice", 2, false, "move bytes inside the kernel")                                      \
	X(RECVMMSG, "recvmmsg", 2, false, "take many datagrams that have arrived")                         \
	X(SENDMSG, "sendmsg", 2, false, "hand a run of datagrams to the kernel to be sent")                \
	X(SENDMMSG, "sendmmsg", 2, false, "hand many datagrams to the kernel to be sent")                  \
	X(PASS, "pass", 1, false, "hand a descriptor to another process")                                  \
	X(SHUTDOWN, "shutdown", 1, false, "end one direction of a connection")                             \
	X(CLOSE, "close", 1, false, "give a descriptor back")                                              \
	X(FCNTL, "fcntl", 1, false, "set how a descriptor behaves: whether its calls wait")                \
	X(STATE, "state", 1, false, "the state of a socket has changed without a call of ours")            \
	X(NOTE, "note", 1, false, "something a person should know")                                        \
	X(END, "end", 1, false, "the summary of a connection")                                             \
	X(PROXY, "proxy", 1, false, "a proxy has answered, or was answered")                                \
	X(FAULT, "fault", 2, false, "a fault of --fault has been done")                                    \
	X(HTTP, "http", 1, false, "a request or a reply of HTTP has come whole, or is about to be sent")   \
	X(REFUSED, "refused", 1, false, "a client is not admitted")                                        \
	X(SEGMENTS, "segments", 1, false, "what the kernel has sent and received for a socket")             \
	X(ACKNOWLEDGED, "acknowledged", 2, false, "the peer's kernel has got what was sent")                \
	X(ICMP, "icmp", 1, false, "an ICMP error has come for a socket")                                    \
	X(PACKET, "packet", 1, false, "a packet of a connection was seen on its way (--packets)")          \
	X(INFO, "info", 2, false, "what the kernel tells of a socket")                                     \
	X(SPAWN, "spawn", 1, false, "start a program for a connection")                                    \
	X(WAITPID, "waitpid", 1, false, "take how a program has ended")                                    \
	X(FCHMOD, "fchmod", 2, false, "set the mode that the file of a socket is to have")                 \
	X(LCHOWN, "lchown", 1, false, "give a file to another user or group")                              \
	X(FCHMODAT, "fchmodat", 1, false, "say who may do what with a file")                               \
	X(CHROOT, "chroot", 1, false, "make a directory the root of all paths")                             \
	X(SETGROUPS, "setgroups", 1, false, "set the further groups of the process")                       \
	X(SETGID, "setgid", 1, false, "set the group of the process")                                      \
	X(SETUID, "setuid", 1, false, "set the user of the process")                                       \
	X(READ, "read", 3, false, "take bytes from standard input, or from a program")                     \
	X(WRITE, "write", 3, false, "write bytes to standard output, or to a program")                     \
	X(EPOLL_WAIT, "epoll_wait", 3, true, "wait until a descriptor is ready")                           \
	X(POLL, "poll", 3, true, "ask which of several descriptors are ready")                             \
	X(GETSOCKOPT, "getsockopt", 3, true, "look at an option of a socket")                              \
	X(GETSOCKNAME, "getsockname", 3, true, "look at the local address of a socket")                    \
	X(GETPEERNAME, "getpeername", 3, true, "look at the address of the peer")                          \
	X(IOCTL, "ioctl", 3, true, "look at the queues of a socket")                                       \
	X(RECVMSG, "recvmsg", 3, true, "read the error queue of a socket, or an answer of netlink")        \
	X(PROBE, "probe", 3, true, "a call to the kernel's tables, made only to explain an error")

enum step_id {
#define X(id, name, level, observing, what) STEP_##id,
	STEP_LIST(X)
#undef X
	STEP_COUNT
};

/* The name as in the trace ("connect"). */
const char *step_name(enum step_id step);
/* The lowest level that shows it, 1 to 3. */
uint8_t step_level(enum step_id step);
/* Is it made only to look? */
bool step_is_observing(enum step_id step);
/* One line: what the step is for. */
const char *step_purpose(enum step_id step);

#endif
