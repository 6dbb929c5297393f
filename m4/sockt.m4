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
