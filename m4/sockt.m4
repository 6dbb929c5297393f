dnl SPDX-License-Identifier: GPL-3.0-or-later
dnl Probes of configure.ac: compiler and linker flags that may not be there, and a Python that has pytest.

# SOCKT_TRY_FLAG(FLAG, PROGRAM-TRIED-BY, IF-WORKS, FLAGS-BESIDE)
# -Werror makes clang refuse what it would only warn of, and drops _FORTIFY_SOURCE where there is no optimization.
# ------------------------------------------------------------------------------------------------------------
AC_DEFUN([SOCKT_TRY_FLAG], [
	sockt_saved_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS -Werror $4 $1"
	AC_MSG_CHECKING([whether $CC accepts $1])
	$2([AC_LANG_PROGRAM([[#include <stdlib.h>]], [[return EXIT_SUCCESS;]])],
		[sockt_flag_works=yes], [sockt_flag_works=no])
	AC_MSG_RESULT([$sockt_flag_works])
	CFLAGS=$sockt_saved_CFLAGS
	AS_IF([test "$sockt_flag_works" = yes], [$3])
])

# SOCKT_CC_FLAGS(VARIABLE, FLAGS): append those of FLAGS that the compiler accepts to VARIABLE.
# ------------------------------------------------------------------------------------------------------------
AC_DEFUN([SOCKT_CC_FLAGS], [
	for sockt_flag in m4_normalize([$2]); do
		SOCKT_TRY_FLAG([$sockt_flag], [AC_COMPILE_IFELSE], [$1="$$1 $sockt_flag"], [$$1])
	done
	AC_SUBST([$1])
])

# SOCKT_LD_FLAGS(VARIABLE, FLAGS): the same for flags of the linker.
# ------------------------------------------------------------------------------------------------------------
AC_DEFUN([SOCKT_LD_FLAGS], [
	for sockt_flag in m4_normalize([$2]); do
		SOCKT_TRY_FLAG([$sockt_flag], [AC_LINK_IFELSE], [$1="$$1 $sockt_flag"], [$$1])
	done
	AC_SUBST([$1])
])

# SOCKT_LD_FLAGS_RUN(VARIABLE, FLAGS): the same for flags with which the linker may make what the C library at hand
# cannot load. Not where a program cannot be run (cross compilation).
# ------------------------------------------------------------------------------------------------------------
AC_DEFUN([SOCKT_LD_FLAGS_RUN], [
	for sockt_flag in m4_normalize([$2]); do
		SOCKT_TRY_FLAG([$sockt_flag], [SOCKT_RUN_IFELSE], [$1="$$1 $sockt_flag"], [$$1])
	done
	AC_SUBST([$1])
])
AC_DEFUN([SOCKT_RUN_IFELSE], [AC_RUN_IFELSE([$1], [$2], [$3], [$3])])

# SOCKT_MUST_LINK(FLAGS, MESSAGE): end with MESSAGE unless FLAGS work.
# ------------------------------------------------------------------------------------------------------------
AC_DEFUN([SOCKT_MUST_LINK], [
	SOCKT_TRY_FLAG([$1], [AC_LINK_IFELSE], [])
	AS_IF([test "$sockt_flag_works" = no], [AC_MSG_ERROR([$2])])
])

# SOCKT_PROG_PYTHON: set PYTHON to a Python 3 (one that has pytest, where there is one) and have_pytest to yes or no.
# A PYTHON of the user's is taken as it is.
# ------------------------------------------------------------------------------------------------------------
AC_DEFUN([SOCKT_PROG_PYTHON], [
	AC_ARG_VAR([PYTHON], [Python 3 that runs the tests])
	have_pytest=no
	sockt_first_python=
	AC_MSG_CHECKING([for a Python 3 with pytest])
	for sockt_python in ${PYTHON:-python3 /usr/bin/python3}; do
		AS_IF([$sockt_python -c 'import sys; sys.exit(sys.version_info < (3, 9))' >/dev/null 2>&1],
			[sockt_first_python=${sockt_first_python:-$sockt_python}
			 AS_IF([$sockt_python -c 'import pytest, pexpect, jsonschema' >/dev/null 2>&1],
				[have_pytest=yes; PYTHON=$sockt_python; break])])
	done
	AS_IF([test "$have_pytest" = no], [PYTHON=${PYTHON:-$sockt_first_python}])
	AC_MSG_RESULT([$have_pytest${PYTHON:+, $PYTHON}])
])

# SOCKT_READLINE: look for GNU readline 7 or later; define HAVE_READLINE and READLINE_SONAME, the name that the loader
# knows it by, and set line_editing to what is said of it.
# ------------------------------------------------------------------------------------------------------------
AC_DEFUN([SOCKT_READLINE], [
	line_editing="no (--without-readline)"
	AS_IF([test "$with_readline" != no], [
		line_editing="no: readline is missing (libreadline-dev)"
		sockt_saved_LIBS=$LIBS
		LIBS="$LIBS -lreadline"
		AC_MSG_CHECKING([for GNU readline, and what the loader calls it])
		AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>
#include <readline/readline.h>]], [[rl_clear_visible_line(); rl_tty_set_echoing(1);]])],
			[sockt_soname=`$READELF -d conftest$EXEEXT 2>/dev/null |
				sed -n 's/.*NEEDED.*@<:@@<:@@:>@\(libreadline\.so@<:@^@:>@@:>@*\)@:>@.*/\1/p'`],
			[sockt_soname=])
		LIBS=$sockt_saved_LIBS
		AC_MSG_RESULT([${sockt_soname:-no}])
		AS_IF([test -n "$sockt_soname"],
			[AC_DEFINE([HAVE_READLINE], [1], [Is there GNU readline to edit lines with?])
			 AC_DEFINE_UNQUOTED([READLINE_SONAME], ["$sockt_soname"], [The name the loader knows it by.])
			 line_editing="yes, $sockt_soname when it is first needed"],
			[AS_IF([test "$with_readline" = yes], [AC_MSG_ERROR([--with-readline: $line_editing])])])
	])
])
