/*
 * crl_list.h - the entries of an issuer's CRL, encoded, in a file that only
 * grows until it is made anew: db/crl-ISSUER.entries, of a shard
 * db/crl-ISSUER-K.entries.  A head {magic, id} says which file it is; the row
 * `crl.ISSUER` (`crl.ISSUER-K`) of setting says how much of it counts.  What it does not hold yet stands in crl_new.
 */
#ifndef REGISTRAR_CRL_LIST_H
#define REGISTRAR_CRL_LIST_H

#include <sys/types.h>

#include "core/registrar/registrar.h"

#define CRL_LIST_HEAD 16	/* entries begin behind it */

struct crl_list {
	char issuer[64], stem[72];
	int64_t shard;		/* 0: the whole list */
	int fd;			/* -1: closed */
	char id[17];
	int64_t size, count;	/* of the entries */
	int64_t least;		/* first notAfter among them */
	int64_t made;		/* when it was last made anew */
	int64_t removed;	/* because they had expired, and in no published CRL's entry yet */
	int64_t before;		/* how many there were when it was begun anew */
	int64_t cursor;		/* while it is made: last number taken */
};

/* Open what there is; *anew: it must be made (again).  Entries of
 * certificates that ended before `expired` are to go (S8.4). */
int crl_list_open(struct crl_list *l, const char *issuer, int64_t shard,
    int64_t expired, bool *anew, struct err *e);
/* The removals stand in the log now: in the transaction of that entry. */
int crl_list_told(const char *issuer, int64_t shard, struct err *e);
/* File name of a CRL without its ending: NAME, of a shard NAME-K. */
void crl_stem(char dst[72], const char *issuer, int64_t shard);
void crl_list_close(struct crl_list *l);
/* Make it anew, a slice at a time; 1: there is more to do, 0 done, -1. */
int crl_list_begin(struct crl_list *l, struct err *e);
int crl_list_slice(struct crl_list *l, int64_t expired, struct err *e);
/* Take in what is new, a slice at a time; 1 more, 0 nothing left, -1. */
int crl_list_append(struct crl_list *l, struct err *e);
/* Entries from offset on, whole ones, at most size bytes; their length. */
ssize_t crl_list_read(const struct crl_list *l, int64_t offset, uint8_t *dst,
    size_t size, struct err *e);

#endif
