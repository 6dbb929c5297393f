# SPDX-License-Identifier: GPL-3.0-or-later
# The lessons of the shell, in their order: named here, they are installed and go into the tarball.
lessonsdir = $(pkgdatadir)/lessons
dist_lessons_DATA = \
	lessons/01-what-a-socket-is.sockt \
	lessons/02-server-and-client.sockt \
	lessons/03-accept-queue.sockt \
	lessons/04-a-socket-for-each-client.sockt \
	lessons/05-a-stream-has-no-messages.sockt \
	lessons/06-half-close.sockt \
	lessons/07-ways-to-say-goodbye.sockt \
	lessons/08-time-wait.sockt \
	lessons/09-refused-timed-out-unreachable.sockt \
	lessons/10-blocking-and-eagain.sockt \
	lessons/11-datagrams.sockt \
	lessons/12-http-and-sockets.sockt \
	lessons/13-unix-sockets.sockt \
	lessons/14-dual-stack.sockt \
	lessons/15-nagle-and-delayed-ack.sockt \
	lessons/16-when-the-reader-is-slow.sockt \
	lessons/17-keepalive-and-a-vanished-peer.sockt
