/*
 * registrar_unaudited.c - a registrar that writes no audit entries and asks
 * for none, to measure what they cost (P25, audit_cost.sh).  The objects are
 * those of the real one; the linker puts these functions in the place of two
 * (-Wl,--wrap).  No authority can be run with it: its log stays empty.
 */
#include "core/registrar/registrar.h"
#include "core/registrar/request/issue.h"

int __wrap_audit_add(const struct seat *s, const char *action,
    const char *noun, const char *object, enum outcome outcome, struct err *e,
    const char *detail, ...);
int __wrap_issue_approver(const struct request_head *h, char approver[33],
    struct err *e);

int
__wrap_audit_add(const struct seat *s, const char *action, const char *noun,
    const char *object, enum outcome outcome, struct err *e,
    const char *detail, ...)
{
	(void)s;
	(void)action;
	(void)noun;
	(void)object;
	(void)outcome;
	(void)e;
	(void)detail;
	return 0;
}

/* The rows alone say who approved. */
int
__wrap_issue_approver(const struct request_head *h, char approver[33],
    struct err *e)
{
	int64_t have;

	return request_approvals(h, false, &have, approver, e);
}
