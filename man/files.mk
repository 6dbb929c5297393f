# SPDX-License-Identifier: GPL-3.0-or-later
# The manual pages (man/sockt.1 and so on): named here, they are installed and go into the tarball.
dist_man_MANS = \
	man/sockt-connect.1 \
	man/sockt-cookbook.7 \
	man/sockt-listen.1 \
	man/sockt-nc.1 \
	man/sockt-relay.1 \
	man/sockt-shell.1 \
	man/sockt-socket.7 \
	man/sockt-trace.5 \
	man/sockt.1
