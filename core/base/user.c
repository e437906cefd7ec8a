/* user.c - dropping to a user, and owning folders. */
#include "core/base/user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/file.h"
#include "core/base/log.h"

#define NOBODY_ELSE ((size_t)-1)	/* the master's own */
#define USER(who) offsetof(struct conf, users_##who)

/* Which folders there are, whose, and how wide open: when all run as one
 * user, and when each has his own.  The signer makes ca itself. */
static const struct folder {
	const char *name;		/* NULL: the Maildir */
	size_t user;			/* into struct conf */
	mode_t alone, apart;
} folders[] = {
	{ "run", NOBODY_ELSE, 0700, 0711 },	/* sockets have modes of their own */
	{ "log", NOBODY_ELSE, 0700, 0700 },
	{ "db", USER(registrar), 0700, 0700 },
	{ FOLDER_CA, USER(signer), 0700, 0700 },
	{ "ssh", USER(gate), 0700, 0700 },
	/* for everybody to read */
	{ FOLDER_PUBLISHED, USER(registrar), 0755, 0755 },
	{ FOLDER_PUBLISHED "/crl", USER(registrar), 0755, 0755 },
	{ FOLDER_PUBLISHED "/ca", USER(registrar), 0755, 0755 },
	{ FOLDER_PUBLISHED "/log", USER(registrar), 0755, 0755 },
	{ NULL, USER(courier), 0700, 0700 },
};
#define FOLDERS (sizeof folders / sizeof folders[0])

int
user_ids(const char *user, uid_t *uid, gid_t *gid, struct err *e)
{
	const struct passwd *pw;

	*uid = geteuid();
	*gid = getegid();
	if (user[0] == '\0' || *uid != 0)
		return 0;
	pw = getpwnam(user);
	if (pw == NULL)
		return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
		    "[users] there is no user %s; make him: "
		    "adduser --system --group %s", user, user);
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	return 0;
}

void
user_become(const char *user)
{
	struct err e;
	uid_t uid;
	gid_t gid;

	if (user[0] == '\0' || geteuid() != 0)
		return;
	if (user_ids(user, &uid, &gid, &e) < 0)
		fatal("%s", e.text);
	if (setgroups(1, &gid) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0)
		fatal("cannot become %s: %s", user, strerror(errno));
	if (uid != 0 && setuid(0) == 0)
		fatal("still root after becoming %s", user);
}

static const char *
folder_user(const struct conf *c, const struct folder *f)
{
	return f->user == NOBODY_ELSE ? "" : (const char *)c + f->user;
}

static mode_t
folder_mode(const struct conf *c, const struct folder *f)
{
	bool apart = geteuid() == 0 && (c->users_registrar[0] != '\0' ||
	    c->users_gate[0] != '\0' || c->users_courier[0] != '\0');

	return apart ? f->apart : f->alone;
}

/* Without a Maildir there are only the others. */
static bool
folder_wanted(const struct conf *c, const struct folder *f)
{
	return f->name != NULL || c->mail_smtp_url[0] == '\0';
}

static int
folder_set(const struct conf *c, const struct folder *f, struct err *e)
{
	char path[CONF_PATH_SIZE];
	uid_t uid;
	gid_t gid;

	conf_path(c, path, f->name != NULL ? f->name : c->mail_maildir);
	if (user_ids(folder_user(c, f), &uid, &gid, e) < 0 ||
	    folder_make(path, 0755, e) < 0)
		return -1;
	if ((geteuid() == 0 && lchown(path, uid, gid) < 0) ||
	    chmod(path, folder_mode(c, f)) < 0)
		return err_set(e, ERR_UNAVAILABLE, "folder", "%s: %s", path,
		    strerror(errno));
	return 0;
}

int
folders_prepare(const struct conf *c, struct err *e)
{
	for (size_t i = 0; i < FOLDERS; i++)
		if (folder_wanted(c, &folders[i]) &&
		    folder_set(c, &folders[i], e) < 0)
			return -1;
	return 0;
}

/* What is published is made again from the database: its folders may be lost.
 * The others hold what cannot be made again, and stay missed. */
static bool
folder_published(const struct folder *f)
{
	return f->name != NULL && strncmp(f->name, FOLDER_PUBLISHED,
	    sizeof FOLDER_PUBLISHED - 1) == 0;
}

static bool
folder_missing(const struct conf *c, const struct folder *f)
{
	char path[CONF_PATH_SIZE];
	struct stat st;

	conf_path(c, path, f->name);
	return lstat(path, &st) < 0 && errno == ENOENT;
}

int
folders_prepare_master(const struct conf *c, struct err *e)
{
	for (size_t i = 0; i < FOLDERS; i++)
		if ((folders[i].user == NOBODY_ELSE ||
		    (folder_published(&folders[i]) &&
		    folder_missing(c, &folders[i]))) &&
		    folder_set(c, &folders[i], e) < 0)
			return -1;
	return 0;
}

static int
folder_judge(const char *path, const char *maker, uid_t uid, gid_t gid,
    mode_t most, struct err *e)
{
	struct stat st;

	err_clear(e);
	if (lstat(path, &st) < 0)
		err_set(e, ERR_NOT_FOUND, "folder", "%s: %s; %s",
		    path, strerror(errno), maker);
	else if (!S_ISDIR(st.st_mode))
		err_set(e, ERR_REFUSED, "folder", "%s is no folder", path);
	else if (geteuid() == 0 && st.st_uid != uid)
		err_set(e, ERR_REFUSED, "folder",
		    "belongs to uid %u: chown %u:%u %s",
		    (unsigned)st.st_uid, (unsigned)uid, (unsigned)gid, path);
	else if ((st.st_mode & 0777 & ~most) != 0)
		err_set(e, ERR_REFUSED, "folder",
		    "mode %o lets others in: chmod %o %s",
		    (unsigned)(st.st_mode & 0777), (unsigned)most, path);
	return e->kind == ERR_NONE ? 1 : 0;
}

int
folder_look(const struct conf *c, size_t i, const char **name,
    struct err *e)
{
	char path[CONF_PATH_SIZE];
	uid_t uid;
	gid_t gid;

	if (i >= FOLDERS || (i == FOLDERS - 1 &&
	    !folder_wanted(c, &folders[i])))
		return -1;
	*name = folders[i].name != NULL ? folders[i].name : c->mail_maildir;
	conf_path(c, path, *name);
	if (user_ids(folder_user(c, &folders[i]), &uid, &gid, e) < 0)
		return 0;
	return folder_judge(path, folder_published(&folders[i]) ?
	    "start xmpp-icad again: it makes it and publishes anew" :
	    "xmpp-icactl init makes it", uid, gid,
	    folder_mode(c, &folders[i]), e);
}
