/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digests by a library that is loaded at run time: see digest.h. */
#include "stream/digest.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define BYTES_MAX 64 /* EVP_MAX_MD_SIZE */

/* As in openssl/evp.h: EVP_Digest(3), EVP_md5(3), EVP_sha256(3), EVP_sha512_256(3). */
typedef int evp_digest_fn(const void *data, size_t count, unsigned char *md, unsigned *size, const void *type,
			  void *engine);
typedef const void *evp_kind_fn(void);

/* The address of a function of the library. Returns whether there is one. */
static bool find(void *library, const char *name, void *function, size_t size)
{
	void *address = dlsym(library, name);

	/* POSIX: what dlsym() returns may be a function's address too. */
	memcpy(function, &address, size);
	return address != NULL;
}

bool digest_hex(enum digest_kind kind, const void *data, size_t len, char hex[static DIGEST_HEX_MAX])
{
	static const char *const names[] = {
		[DIGEST_MD5] = "EVP_md5",
		[DIGEST_SHA256] = "EVP_sha256",
		[DIGEST_SHA512_256] = "EVP_sha512_256",
	};
	/* Never closed: what it registered to be called at the end has to stay. */
	void *library = dlopen(DIGEST_LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	unsigned char bytes[BYTES_MAX];
	evp_digest_fn *evp_digest;
	evp_kind_fn *evp_kind;
	unsigned size = 0;

	if (library == NULL || !find(library, "EVP_Digest", &evp_digest, sizeof(evp_digest)) ||
	    !find(library, names[kind], &evp_kind, sizeof(evp_kind)))
		return false;
	if (evp_digest(data, len, bytes, &size, evp_kind(), NULL) != 1 || 2 * size >= DIGEST_HEX_MAX)
		return false;
	for (unsigned i = 0; i < size; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", bytes[i]);
	return true;
}
