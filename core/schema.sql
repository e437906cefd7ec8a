-- schema.sql - everything the authority remembers, in one page.
--
-- Times are Unix seconds (UTC).  States are the words of core/model/words.def.
-- Texts have CHECKed lengths, so that every reader's buffer is long enough.
-- Where rows come by the hundred a CHECK says `a OR b`: an IN of more than two
-- constants makes SQLite build a table of them in memory at every write.
-- Rows are numbered in order of birth; lists are paged by number (keyset).
-- The audit table only grows; its triggers say so, its hash chain proves it.

-- ---- people ------------------------------------------------------------

CREATE TABLE account (
	number INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 32),
	email TEXT NOT NULL CHECK (length(email) <= 254),	-- '' when erased
	role TEXT NOT NULL CHECK (role IN
	    ('member', 'staff', 'auditor', 'finance', 'director', 'website')),
	state TEXT NOT NULL CHECK (state IN
	    ('pending', 'active', 'suspended', 'closed')),
	created INTEGER NOT NULL,
	last_login INTEGER NOT NULL DEFAULT 0,
	agreement TEXT NOT NULL DEFAULT '' CHECK (length(agreement) <= 31),
	code_hash BLOB,			-- of the registration code, while pending
	code_expires INTEGER NOT NULL DEFAULT 0,
	code_tries INTEGER NOT NULL DEFAULT 0,
	good_certificates INTEGER NOT NULL DEFAULT 0,	-- kept by triggers
	certificates_most INTEGER NOT NULL DEFAULT 0,	-- quota given by staff; 0: of the policy
	open_requests INTEGER NOT NULL DEFAULT 0,	-- awaiting or approved; by triggers
	plain INTEGER NOT NULL DEFAULT 0 CHECK (plain IN (0, 1))	-- sessions by lines
) STRICT;

-- The few that are no members, and those whose letters are still erased.
CREATE INDEX account_role ON account (role) WHERE role <> 'member';
CREATE INDEX account_pending ON account (created) WHERE state = 'pending';
CREATE INDEX account_closed ON account (number) WHERE state = 'closed';

-- What an account accepted, when, and with which key (J7.1).
CREATE TABLE acceptance (
	number INTEGER PRIMARY KEY,
	account INTEGER NOT NULL REFERENCES account,
	version TEXT NOT NULL CHECK (length(version) <= 31),
	sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
	at INTEGER NOT NULL,
	fingerprint TEXT NOT NULL CHECK (length(fingerprint) <= 63)
) STRICT;
CREATE INDEX acceptance_account ON acceptance (account);
CREATE INDEX acceptance_version ON acceptance (version, account);

-- SSH keys.  One key opens one account.
CREATE TABLE ssh_key (
	number INTEGER PRIMARY KEY,
	account INTEGER NOT NULL REFERENCES account,
	fingerprint TEXT NOT NULL UNIQUE CHECK (length(fingerprint) <= 63),
	type TEXT NOT NULL CHECK (length(type) <= 63),
	line TEXT NOT NULL CHECK (length(line) <= 1023),
	name TEXT NOT NULL CHECK (length(name) <= 64),
	added INTEGER NOT NULL,
	last_used INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX ssh_key_account ON ssh_key (account);

-- ---- domains and their proofs ------------------------------------------

-- A domain that an account claims.  Two accounts may have a row for the same
-- name; only one of them can be proven (J1.7).
CREATE TABLE domain (
	number INTEGER PRIMARY KEY,
	account INTEGER NOT NULL REFERENCES account,
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 253),	-- A-labels
	shown TEXT NOT NULL CHECK (length(shown) <= 511),		-- U-labels
	looks TEXT NOT NULL DEFAULT '' CHECK (length(looks) <= 507),	-- UTS #39 skeleton
	state TEXT NOT NULL CHECK (state IN
	    ('claimed', 'proven', 'lapsed', 'dropped', 'conflict')),
	claimed INTEGER NOT NULL,
	method TEXT NOT NULL DEFAULT 'mail' CHECK (method IN ('mail', 'dns')),
	mailbox TEXT NOT NULL DEFAULT '' CHECK (length(mailbox) <= 319),
	proven INTEGER NOT NULL DEFAULT 0,
	expires INTEGER NOT NULL DEFAULT 0,
	-- of a proof by DNS: how its record was protected, when it was last seen,
	-- and since when it is missed (0: it is there)
	dnssec TEXT NOT NULL DEFAULT 'unknown' CHECK (dnssec IN
	    ('unknown', 'insecure', 'secure', 'bogus')),
	seen INTEGER NOT NULL DEFAULT 0,
	missed INTEGER NOT NULL DEFAULT 0,
	UNIQUE (account, name)
) STRICT;
-- Proofs that end, and records that are looked for again.
CREATE INDEX domain_ends ON domain (expires) WHERE state = 'proven';
CREATE INDEX domain_seen ON domain (seen)
    WHERE state = 'proven' AND method = 'dns';
CREATE INDEX domain_conflict ON domain (number) WHERE state = 'conflict';
CREATE UNIQUE INDEX domain_holder ON domain (name) WHERE state = 'proven';
CREATE INDEX domain_name ON domain (name);
CREATE INDEX domain_looks ON domain (looks) WHERE state = 'proven';

-- One attempt to prove a domain.
CREATE TABLE challenge (
	number INTEGER PRIMARY KEY,
	domain INTEGER NOT NULL REFERENCES domain,
	method TEXT NOT NULL CHECK (method IN ('mail', 'dns')),
	mailbox TEXT NOT NULL CHECK (length(mailbox) <= 319),
	state TEXT NOT NULL CHECK (state IN
	    ('waiting', 'sent', 'proved', 'expired', 'locked', 'replaced')),
	code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
	created INTEGER NOT NULL,
	sent INTEGER NOT NULL DEFAULT 0,
	expires INTEGER NOT NULL DEFAULT 0,
	tries INTEGER NOT NULL DEFAULT 0,
	ended INTEGER NOT NULL DEFAULT 0,
	record TEXT NOT NULL DEFAULT '' CHECK (length(record) <= 127),	-- dns: text of the TXT record
	looked INTEGER NOT NULL DEFAULT 0,	-- dns: when it was last looked for,
	found TEXT NOT NULL DEFAULT '' CHECK (length(found) <= 511)	-- and what there was
) STRICT;
CREATE INDEX challenge_sent ON challenge (expires) WHERE state = 'sent';
CREATE INDEX challenge_domain ON challenge (domain, number);

-- A question to the DNS or to a server, waiting for the courier (who alone
-- dials out), or its answer.  subject: the challenge of a txt, the request of
-- a caa, the account that asked for a live check.
CREATE TABLE lookup (
	number INTEGER PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('txt', 'caa', 'live')),
	name TEXT NOT NULL CHECK (length(name) <= 253),		-- the domain
	account INTEGER NOT NULL REFERENCES account,		-- for whom
	subject INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('waiting', 'leased', 'done')),
	created INTEGER NOT NULL,
	next INTEGER NOT NULL,
	attempts INTEGER NOT NULL DEFAULT 0,
	ended INTEGER NOT NULL DEFAULT 0,
	answer BLOB				-- of a live check: lookup_result, wire codec
) STRICT;
CREATE INDEX lookup_due ON lookup (next) WHERE state IN ('waiting', 'leased');
CREATE INDEX lookup_subject ON lookup (kind, subject, name);
-- Also for the foreign key: a registration that was not confirmed goes.
CREATE INDEX lookup_account ON lookup (account, state);
CREATE INDEX lookup_ended ON lookup (ended) WHERE state = 'done';

-- ---- requests and certificates -----------------------------------------

CREATE TABLE request (
	number INTEGER PRIMARY KEY,
	account INTEGER NOT NULL REFERENCES account,
	state TEXT NOT NULL CHECK (
	    state = 'awaiting' OR state = 'approved' OR
	    state = 'issued' OR state = 'refused' OR
	    state = 'withdrawn'),
	profile TEXT NOT NULL CHECK (length(profile) <= 31),
	first TEXT NOT NULL CHECK (length(first) <= 253),	-- first domain
	domains INTEGER NOT NULL,
	subject_cn TEXT NOT NULL CHECK (length(subject_cn) <= 64),
	note TEXT NOT NULL CHECK (length(note) <= 1000),
	refusal TEXT NOT NULL DEFAULT '' CHECK (length(refusal) <= 1000),
	digest BLOB NOT NULL CHECK (length(digest) = 32),
	csr_sha256 BLOB NOT NULL CHECK (length(csr_sha256) = 32),
	spki_sha256 BLOB NOT NULL CHECK (length(spki_sha256) = 32),
	key_words TEXT NOT NULL CHECK (length(key_words) <= 63),
	renews TEXT NOT NULL DEFAULT '' CHECK (length(renews) <= 41),
	created INTEGER NOT NULL,
	decided INTEGER NOT NULL DEFAULT 0,
	-- drawn when the last approval comes, sent to the signer; '' before
	serial TEXT NOT NULL DEFAULT '' CHECK (length(serial) <= 41),
	retry_at INTEGER NOT NULL DEFAULT 0,	-- while approved: ask the signer again
	shard INTEGER NOT NULL DEFAULT 0,	-- of the CRLs; drawn with the serial
	prover INTEGER REFERENCES account	-- whose proofs count; NULL: the account's own
) STRICT;
CREATE INDEX request_account ON request (account, number);
CREATE INDEX request_prover ON request (prover) WHERE prover IS NOT NULL;
CREATE INDEX request_open ON request (account, renews)
    WHERE state IN ('awaiting', 'approved');
CREATE INDEX request_waiting ON request (number) WHERE state = 'awaiting';
CREATE INDEX request_approved ON request (number) WHERE state = 'approved';
-- The same CSR for the same names twice is answered with the first number.
CREATE INDEX request_csr ON request (account, csr_sha256);
CREATE INDEX request_key ON request (spki_sha256);
CREATE INDEX request_decided ON request (decided, created, state)
    WHERE decided <> 0;
CREATE TRIGGER request_opened AFTER INSERT ON request
WHEN new.state = 'awaiting' OR new.state = 'approved' BEGIN
	UPDATE account SET open_requests = open_requests + 1
	WHERE number = new.account;
END;
CREATE TRIGGER request_ended AFTER UPDATE OF state ON request
WHEN (old.state = 'awaiting' OR old.state = 'approved')
  AND NOT (new.state = 'awaiting' OR new.state = 'approved') BEGIN
	UPDATE account SET open_requests = open_requests - 1
	WHERE number = new.account;
END;
CREATE TRIGGER request_removed AFTER DELETE ON request
WHEN old.state = 'awaiting' OR old.state = 'approved' BEGIN
	UPDATE account SET open_requests = open_requests - 1
	WHERE number = old.account;
END;

-- The holder of a domain agrees that somebody gets a personal certificate for
-- an address of it: whoever gives the code with a request for that address.
CREATE TABLE invitation (
	number INTEGER PRIMARY KEY,
	account INTEGER NOT NULL REFERENCES account,
	jid TEXT NOT NULL CHECK (length(jid) BETWEEN 3 AND 1023),
	domain TEXT NOT NULL CHECK (length(domain) <= 253),
	state TEXT NOT NULL CHECK (state IN
	    ('open', 'used', 'dropped', 'expired')),
	code_hash BLOB NOT NULL UNIQUE CHECK (length(code_hash) = 32),
	made INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	request INTEGER REFERENCES request
) STRICT;
CREATE INDEX invitation_account ON invitation (account, number);
CREATE INDEX invitation_open ON invitation (expires) WHERE state = 'open';

-- The bulky parts of a request, out of the listed table.
CREATE TABLE request_body (
	request INTEGER PRIMARY KEY REFERENCES request,
	csr BLOB NOT NULL,		-- DER as proven; never parsed again
	spki BLOB NOT NULL,		-- SubjectPublicKeyInfo, DER
	findings BLOB NOT NULL		-- list of `finding`, wire codec
) STRICT;

CREATE TABLE request_domain (
	request INTEGER NOT NULL REFERENCES request,
	place INTEGER NOT NULL,
	domain TEXT NOT NULL CHECK (length(domain) <= 253),
	PRIMARY KEY (request, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_domain_name ON request_domain (domain, request);

CREATE TABLE request_name (		-- the SAN, in order
	request INTEGER NOT NULL REFERENCES request,
	place INTEGER NOT NULL,
	kind TEXT NOT NULL,
	value TEXT NOT NULL CHECK (length(value) <= 1023),
	PRIMARY KEY (request, place)
) STRICT, WITHOUT ROWID;

-- What CAA records (RFC 8659) say about each domain of a request: looked up
-- when it is submitted, and again when that is too old at issuance.
CREATE TABLE request_caa (
	request INTEGER NOT NULL REFERENCES request,
	domain TEXT NOT NULL CHECK (length(domain) <= 253),
	state TEXT NOT NULL CHECK (state IN
	    ('waiting', 'allowed', 'forbidden', 'unavailable', 'skipped')),
	at TEXT NOT NULL DEFAULT '' CHECK (length(at) <= 253),	-- whose records
	records TEXT NOT NULL DEFAULT '' CHECK (length(records) <= 1023),
	dnssec TEXT NOT NULL DEFAULT 'unknown' CHECK (dnssec IN
	    ('unknown', 'insecure', 'secure', 'bogus')),
	why TEXT NOT NULL DEFAULT '' CHECK (length(why) <= 639),
	checked INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (request, domain)
) STRICT, WITHOUT ROWID;

CREATE TABLE approval (
	number INTEGER PRIMARY KEY,
	request INTEGER NOT NULL REFERENCES request,
	account INTEGER NOT NULL REFERENCES account,
	at INTEGER NOT NULL,
	digest BLOB NOT NULL CHECK (length(digest) = 32),
	note TEXT NOT NULL CHECK (length(note) <= 1000),
	UNIQUE (request, account)
) STRICT;
-- For the foreign key, as the two below: an account that was never confirmed is
-- deleted without a walk.
CREATE INDEX approval_account ON approval (account);

CREATE TABLE certificate (
	number INTEGER PRIMARY KEY,	-- in order of issue
	request INTEGER UNIQUE REFERENCES request,	-- NULL: a burnt serial
	account INTEGER REFERENCES account,
	serial TEXT NOT NULL UNIQUE CHECK (length(serial) BETWEEN 2 AND 41),
	issuer TEXT NOT NULL CHECK (length(issuer) <= 63),
	state TEXT NOT NULL CHECK (
	    state = 'good' OR state = 'revoked' OR
	    state = 'burnt'),
	not_before INTEGER NOT NULL,
	not_after INTEGER NOT NULL,
	issued INTEGER NOT NULL,
	revoked INTEGER NOT NULL DEFAULT 0,
	reason INTEGER NOT NULL DEFAULT 0,
	sha256 BLOB NOT NULL CHECK (length(sha256) IN (0, 32)),
	spki_sha256 BLOB NOT NULL CHECK (length(spki_sha256) IN (0, 32)),
	policy TEXT NOT NULL CHECK (length(policy) <= 63),	-- version that governed it
	-- of the issuer's CRLs, as its own URL says; 0: the whole one
	shard INTEGER NOT NULL DEFAULT 0 CHECK (shard BETWEEN 0 AND 64),
	renewal INTEGER NOT NULL DEFAULT 0	-- 1: it took another's place
) STRICT;
-- What a quarter's report counts, without a look at the rows themselves.
CREATE INDEX certificate_issued ON certificate
    (issued, not_after, renewal, state, revoked);
CREATE INDEX certificate_revoked ON certificate (revoked, reason, not_after)
    WHERE state = 'revoked';
CREATE INDEX certificate_account ON certificate (account, number);
CREATE INDEX certificate_expiring ON certificate (not_after) WHERE state = 'good';
-- All that a CRL needs, in the order in which it is read.
CREATE INDEX certificate_listed ON certificate
    (issuer, number, serial, revoked, reason, not_after, state, shard)
    WHERE state <> 'good';
-- Those of a key are found by their requests (request_key).

-- How many certificates of an issuer end on a day, so that nobody counts them:
-- those that are good, revoked, all of them (the rest are burnt), and the last
-- end among them.
CREATE TABLE certificate_day (
	issuer TEXT NOT NULL,
	day INTEGER NOT NULL,		-- Unix time / 86400
	good INTEGER NOT NULL,
	revoked INTEGER NOT NULL,
	total INTEGER NOT NULL,
	last INTEGER NOT NULL,
	PRIMARY KEY (issuer, day)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER certificate_day_added AFTER INSERT ON certificate BEGIN
	INSERT INTO certificate_day (issuer, day, good, revoked, total, last)
	VALUES (new.issuer, new.not_after / 86400, new.state = 'good',
	    new.state = 'revoked', 1, new.not_after)
	ON CONFLICT (issuer, day) DO UPDATE SET good = good + excluded.good,
	    revoked = revoked + excluded.revoked, total = total + 1,
	    last = max(last, excluded.last);
END;
CREATE TRIGGER certificate_day_changed
AFTER UPDATE OF state, not_after ON certificate
WHEN old.state <> new.state OR old.not_after <> new.not_after BEGIN
	UPDATE certificate_day SET good = good - (old.state = 'good'),
	    revoked = revoked - (old.state = 'revoked'), total = total - 1
	WHERE issuer = old.issuer AND day = old.not_after / 86400;
	INSERT INTO certificate_day (issuer, day, good, revoked, total, last)
	VALUES (new.issuer, new.not_after / 86400, new.state = 'good',
	    new.state = 'revoked', 1, new.not_after)
	ON CONFLICT (issuer, day) DO UPDATE SET good = good + excluded.good,
	    revoked = revoked + excluded.revoked, total = total + 1,
	    last = max(last, excluded.last);
END;

CREATE TABLE certificate_der (
	certificate INTEGER PRIMARY KEY REFERENCES certificate,
	der BLOB NOT NULL
) STRICT;

CREATE TRIGGER certificate_counted AFTER INSERT ON certificate
WHEN new.state = 'good' BEGIN
	UPDATE account SET good_certificates = good_certificates + 1
	WHERE number = new.account;
END;
CREATE TRIGGER certificate_uncounted AFTER UPDATE OF state ON certificate
WHEN old.state = 'good' AND new.state <> 'good' BEGIN
	UPDATE account SET good_certificates = good_certificates - 1
	WHERE number = new.account;
END;

-- Not good, and not yet among the kept entries of a CRL (db/crl-*.entries):
-- of the whole one, and of its shard's.
CREATE TABLE crl_new (
	certificate INTEGER NOT NULL REFERENCES certificate,
	shard INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (certificate, shard)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER certificate_listed_added AFTER INSERT ON certificate
WHEN new.state <> 'good' BEGIN
	INSERT OR IGNORE INTO crl_new (certificate, shard)
	VALUES (new.number, 0), (new.number, new.shard);
END;
CREATE TRIGGER certificate_listed_changed AFTER UPDATE OF state ON certificate
WHEN old.state = 'good' AND new.state <> 'good' BEGIN
	INSERT OR IGNORE INTO crl_new (certificate, shard)
	VALUES (new.number, 0), (new.number, new.shard);
END;
-- What is kept is no longer right: all entries are made anew.
CREATE TRIGGER certificate_listed_otherwise AFTER UPDATE OF revoked, reason
ON certificate WHEN old.state <> 'good' BEGIN
	DELETE FROM setting WHERE name IN ('crl.' || new.issuer,
	    'crl.' || new.issuer || '-' || new.shard);
END;

CREATE TABLE revocation (
	number INTEGER PRIMARY KEY,
	certificate INTEGER NOT NULL REFERENCES certificate,
	account INTEGER REFERENCES account,	-- who asked; NULL: holder of the key
	role TEXT NOT NULL,
	reason INTEGER NOT NULL CHECK (reason IN (0, 1, 3, 4, 5, 9)),
	state TEXT NOT NULL CHECK (state IN
	    ('received', 'confirmed', 'effective', 'refused')),
	requested INTEGER NOT NULL,
	effective INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX revocation_certificate ON revocation (certificate);
CREATE INDEX revocation_account ON revocation (account)
    WHERE account IS NOT NULL;
CREATE INDEX revocation_effective ON revocation (effective, requested);

-- Keys that no certificate may carry: offered with their private half, or
-- revoked for compromise.  For ever.
CREATE TABLE blocked_key (
	spki_sha256 BLOB PRIMARY KEY CHECK (length(spki_sha256) = 32),
	why TEXT NOT NULL CHECK (length(why) <= 63),
	at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- ---- issuers and what is published --------------------------------------

CREATE TABLE issuer (
	name TEXT PRIMARY KEY CHECK (length(name) <= 63),	-- ica-server-1
	purpose TEXT NOT NULL CHECK (purpose IN ('server', 'person')),
	state TEXT NOT NULL CHECK (state IN
	    ('pending', 'ready', 'active', 'superseded', 'closed')),
	der BLOB NOT NULL,
	root BLOB NOT NULL,
	not_after INTEGER NOT NULL,
	crl_number INTEGER NOT NULL DEFAULT 0,
	crl_at INTEGER NOT NULL DEFAULT 0,	-- thisUpdate of the last CRL
	crl_due INTEGER NOT NULL DEFAULT 0,	-- make the next one at this time
	journal_seen INTEGER NOT NULL DEFAULT 0,	-- last signer journal entry reconciled
	revoked INTEGER NOT NULL DEFAULT 0,	-- by its root
	reason INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- The CRLs of an issuer besides the whole one, which stands in its row: each
-- certificate of a shard names that shard's URL for ever.
CREATE TABLE crl_shard (
	issuer TEXT NOT NULL REFERENCES issuer,
	shard INTEGER NOT NULL CHECK (shard BETWEEN 1 AND 64),
	crl_number INTEGER NOT NULL DEFAULT 0,
	crl_at INTEGER NOT NULL DEFAULT 0,
	crl_due INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (issuer, shard)
) STRICT, WITHOUT ROWID;

-- Every CRL that we make, with the state of its issuer.
CREATE VIEW crl AS
	SELECT name AS issuer, 0 AS shard, state, not_after, crl_number,
	    crl_at, crl_due FROM issuer WHERE state <> 'pending'
	UNION ALL
	SELECT s.issuer, s.shard, i.state, i.not_after, s.crl_number,
	    s.crl_at, s.crl_due FROM crl_shard s
	    JOIN issuer i ON i.name = s.issuer WHERE i.state <> 'pending';

-- CRLs for the time when the signer is away (S8.6): planned, then made into
-- db/ahead, released when their time comes; void from the moment that one
-- with a higher number is out.
CREATE TABLE crl_ahead (
	issuer TEXT NOT NULL REFERENCES issuer,
	shard INTEGER NOT NULL,
	number INTEGER NOT NULL,
	this_update INTEGER NOT NULL,
	next_update INTEGER NOT NULL,
	made INTEGER NOT NULL DEFAULT 0,	-- when; 0: planned
	PRIMARY KEY (issuer, shard, number)
) STRICT, WITHOUT ROWID;

-- What the operator wants done with an issuer, until the director, a second
-- person, has said so (S12.6).  issuer: its name; of a new one its purpose;
-- '' of a certificate that is taken in.
CREATE TABLE issuer_wish (
	number INTEGER PRIMARY KEY,
	deed TEXT NOT NULL CHECK (deed IN
	    ('new', 'import', 'activate', 'retire', 'revoke')),
	issuer TEXT NOT NULL CHECK (length(issuer) <= 63),
	state TEXT NOT NULL CHECK (state IN
	    ('waiting', 'confirmed', 'done', 'dropped', 'expired')),
	reason INTEGER NOT NULL CHECK (reason IN (0, 1, 3, 4, 5, 9)),
	note TEXT NOT NULL CHECK (length(note) <= 255),
	certificate BLOB NOT NULL CHECK (length(certificate) <= 262144),
	roots BLOB NOT NULL CHECK (length(roots) <= 262144),
	sha256 TEXT NOT NULL CHECK (length(sha256) IN (0, 64)),	-- of that file
	asked INTEGER NOT NULL,
	confirmed_by INTEGER REFERENCES account,
	confirmed INTEGER NOT NULL DEFAULT 0,
	ended INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX issuer_wish_open ON issuer_wish (deed, issuer, sha256)
    WHERE state IN ('waiting', 'confirmed');

-- What the published answers must still learn: worked off, then deleted.
CREATE TABLE answer_due (
	certificate INTEGER PRIMARY KEY REFERENCES certificate,
	due INTEGER NOT NULL
) STRICT;
CREATE INDEX answer_due_time ON answer_due (due);

-- ---- letters --------------------------------------------------------------

-- A letter waiting to leave.  What it says is made from the template and the
-- values of its blanks when the courier takes it; they go when it has left,
-- a code also when it could not be delivered.
CREATE TABLE notice (
	number INTEGER PRIMARY KEY,
	kind TEXT NOT NULL CHECK (length(kind) <= 31),
	account INTEGER REFERENCES account,
	recipient TEXT NOT NULL CHECK (length(recipient) <= 319),
	subject TEXT NOT NULL CHECK (length(subject) <= 255),
	blanks BLOB NOT NULL CHECK (length(blanks) <= 65536),	-- empty once it has left
	calendar TEXT NOT NULL DEFAULT '' CHECK (length(calendar) <= 8192),	-- .ics that goes with it
	challenge INTEGER REFERENCES challenge,	-- that starts to count when this is sent
	state TEXT NOT NULL CHECK (
	    state = 'waiting' OR state = 'leased' OR
	    state = 'sent' OR state = 'failed'),
	created INTEGER NOT NULL,
	next INTEGER NOT NULL,
	sent INTEGER NOT NULL DEFAULT 0,
	attempts INTEGER NOT NULL DEFAULT 0,
	reply TEXT NOT NULL DEFAULT '' CHECK (length(reply) <= 255)
) STRICT;
CREATE INDEX notice_due ON notice (next) WHERE state IN ('waiting', 'leased');
-- Letters that still hold an address, in the order in which they are erased.
CREATE INDEX notice_kept ON notice (created) WHERE recipient <> '';
CREATE INDEX notice_account ON notice (account) WHERE account IS NOT NULL;
CREATE INDEX notice_failed ON notice (number) WHERE state = 'failed';

-- ---- the audit log ----------------------------------------------------------

-- One entry a step, in the transaction of the deed.  What may be personal
-- (actor, key, source, detail) stands behind a salted commitment, so that it
-- can be erased and the chain still holds:
--   commitment = SHA-256(salt, actor, key, source, detail)
--   hash = SHA-256(previous, number, at, role, action, noun, object, outcome,
--                  commitment)       (length-prefixed; core/registrar/audit/audit.c)
CREATE TABLE audit (
	number INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,
	role TEXT NOT NULL,
	action TEXT NOT NULL CHECK (length(action) <= 47),
	noun TEXT NOT NULL CHECK (length(noun) <= 23),
	object TEXT NOT NULL CHECK (length(object) <= 95),
	outcome TEXT NOT NULL CHECK (
	    outcome = 'done' OR outcome = 'refused' OR
	    outcome = 'failed'),
	actor TEXT CHECK (length(actor) <= 32),
	key TEXT CHECK (length(key) <= 63),
	source TEXT CHECK (length(source) <= 63),
	detail TEXT CHECK (length(detail) <= 1024),
	salt BLOB CHECK (length(salt) = 16),
	commitment BLOB NOT NULL CHECK (length(commitment) = 32),
	previous BLOB NOT NULL CHECK (length(previous) = 32),
	hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX audit_object ON audit (noun, object, number);
-- Whose deed it was: for what is held on a member, and for erasing it.
CREATE INDEX audit_actor ON audit (actor) WHERE actor IS NOT NULL;

CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN
	SELECT raise(ABORT, 'audit entries stay');
END;
-- The only change that is ever allowed: erasing what is personal, whole.
CREATE TRIGGER audit_only_erased BEFORE UPDATE ON audit
WHEN new.number <> old.number OR new.at <> old.at OR new.role <> old.role
  OR new.action <> old.action OR new.noun <> old.noun
  OR new.object <> old.object OR new.outcome <> old.outcome
  OR new.commitment <> old.commitment OR new.previous <> old.previous
  OR new.hash <> old.hash OR new.actor IS NOT NULL OR new.key IS NOT NULL
  OR new.source IS NOT NULL OR new.detail IS NOT NULL OR new.salt IS NOT NULL
BEGIN
	SELECT raise(ABORT, 'audit entries are only erased, never changed');
END;

-- What an approver was shown to sign with an SSH key of his own, and the
-- signature (SSHSIG); the signer verifies it against keys that he has pinned.
CREATE TABLE approval_statement (
	request INTEGER NOT NULL REFERENCES request,
	account INTEGER NOT NULL REFERENCES account,
	at INTEGER NOT NULL,		-- the time in the statement
	signature BLOB NOT NULL CHECK (length(signature) <= 8192),
	PRIMARY KEY (request, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX approval_statement_account ON approval_statement (account);

-- The same for other deeds: a plan to revoke many, a role, the policy, issuing
-- again, an issuer (core/registrar/deed.c).
CREATE TABLE deed_statement (
	kind TEXT NOT NULL CHECK (length(kind) <= 15),
	object TEXT NOT NULL CHECK (length(object) <= 63),
	account INTEGER NOT NULL REFERENCES account,
	at INTEGER NOT NULL,		-- the time in the statement
	signature BLOB NOT NULL CHECK (length(signature) <= 8192),
	PRIMARY KEY (kind, object, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX deed_statement_account ON deed_statement (account);
-- Keys that the signer is still to forget (core/registrar/deed_unpin.c).
CREATE TABLE unpin (
	number INTEGER PRIMARY KEY,
	name TEXT NOT NULL CHECK (length(name) <= 32),
	key TEXT NOT NULL CHECK (length(key) <= 1023)	-- '': all of them
) STRICT;

-- ---- the log's tree ---------------------------------------------------------

-- A Merkle tree (RFC 6962) over all audit entries: entry N is leaf N - 1, what
-- is hashed stands in core/registrar/audit/log_leaf.c.  All of this follows from the
-- entries; it is kept so that a proof need not read them all.
-- The leaf hashes of 256 entries side by side, once there are so many.
CREATE TABLE log_leaves (
	tile INTEGER PRIMARY KEY,		-- entries tile * 256 + 1 ...
	hashes BLOB NOT NULL CHECK (length(hashes) = 8192)
) STRICT;
-- The root of a complete subtree of 256^level entries.
CREATE TABLE log_node (
	level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 8),
	number INTEGER NOT NULL,
	hash BLOB NOT NULL CHECK (length(hash) = 32),
	PRIMARY KEY (level, number)
) STRICT, WITHOUT ROWID;
-- Every head that was signed and published: size, root and signature.
CREATE TABLE log_checkpoint (
	size INTEGER PRIMARY KEY,
	note TEXT NOT NULL CHECK (length(note) <= 2048)
) STRICT;
-- Entries that were published and that this database has lost (it was put
-- back from a backup): their public bytes, from the published log.
CREATE TABLE log_lost (
	number INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,
	hash BLOB NOT NULL CHECK (length(hash) = 32),
	leaf BLOB NOT NULL CHECK (length(leaf) <= 1024)
) STRICT;
-- Who else signs heads, and what they signed last.
CREATE TABLE witness (
	name TEXT PRIMARY KEY CHECK (length(name) <= 255),
	vkey TEXT NOT NULL CHECK (length(vkey) <= 351),
	added INTEGER NOT NULL,
	size INTEGER NOT NULL DEFAULT 0,
	at INTEGER NOT NULL DEFAULT 0,
	line TEXT NOT NULL DEFAULT '' CHECK (length(line) <= 512)
) STRICT, WITHOUT ROWID;

-- ---- limits -----------------------------------------------------------------

-- How often something was done today: kind 'register', 'challenge', 'request'
-- ..., whose is an account number, address or domain.
CREATE TABLE throttle (
	kind TEXT NOT NULL,
	whose TEXT NOT NULL CHECK (length(whose) <= 320),
	day INTEGER NOT NULL,		-- Unix time / 86400
	count INTEGER NOT NULL,
	PRIMARY KEY (kind, whose, day)
) STRICT, WITHOUT ROWID;

-- Small values with a name: the policy hash last logged, the last start, ...
CREATE TABLE setting (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- ---- revoking by key, and many at once ---------------------------------------

-- Texts given to whoever holds a certificate's key; the signature is checked
-- against this hash, so that the text itself need not be kept.
CREATE TABLE key_challenge (
	number INTEGER PRIMARY KEY,
	certificate INTEGER NOT NULL REFERENCES certificate,
	text_sha256 BLOB NOT NULL CHECK (length(text_sha256) = 32),
	made INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	used INTEGER NOT NULL DEFAULT 0		-- when it was answered
) STRICT;
CREATE INDEX key_challenge_certificate ON key_challenge (certificate, number);
CREATE INDEX key_challenge_expires ON key_challenge (expires);

-- A mass revocation: its criteria, and in revocation_plan_row the certificates
-- that they fitted when it was shown.  One person makes it, another confirms.
CREATE TABLE revocation_plan (
	number INTEGER PRIMARY KEY,
	state TEXT NOT NULL CHECK (state IN
	    ('waiting', 'running', 'done', 'dropped', 'expired')),
	account INTEGER NOT NULL REFERENCES account,
	made INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	domain TEXT NOT NULL CHECK (length(domain) <= 253),
	owner TEXT NOT NULL CHECK (length(owner) <= 32),
	method TEXT NOT NULL CHECK (method IN ('', 'mail', 'dns')),
	issued_after INTEGER NOT NULL,
	issued_before INTEGER NOT NULL,
	spki_sha256 TEXT NOT NULL CHECK (length(spki_sha256) IN (0, 64)),
	reason INTEGER NOT NULL CHECK (reason IN (0, 1, 3, 4, 5, 9)),
	total INTEGER NOT NULL DEFAULT 0,
	digest BLOB NOT NULL CHECK (length(digest) = 32),
	confirmed_by INTEGER REFERENCES account,
	confirmed INTEGER NOT NULL DEFAULT 0,
	cursor INTEGER NOT NULL DEFAULT 0,	-- last certificate worked off
	done INTEGER NOT NULL DEFAULT 0,
	failed INTEGER NOT NULL DEFAULT 0,
	ended INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX revocation_plan_open ON revocation_plan (state)
    WHERE state IN ('waiting', 'running');

CREATE TABLE revocation_plan_row (
	plan INTEGER NOT NULL REFERENCES revocation_plan,
	certificate INTEGER NOT NULL REFERENCES certificate,
	PRIMARY KEY (plan, certificate)
) STRICT, WITHOUT ROWID;

-- Own certificates revoked since this account was last told of it.
CREATE TABLE revocation_unseen (
	account INTEGER PRIMARY KEY REFERENCES account,
	count INTEGER NOT NULL
) STRICT;
CREATE TRIGGER certificate_revoked AFTER UPDATE OF state ON certificate
WHEN old.state = 'good' AND new.state = 'revoked'
  AND new.account IS NOT NULL BEGIN
	INSERT INTO revocation_unseen (account, count)
	VALUES (new.account, 1)
	ON CONFLICT (account) DO UPDATE SET count = count + 1;
END;

-- ---- alarms -------------------------------------------------------------------

-- What somebody of the staff must look at: at most one open for each kind and
-- object.  Rows of ended ones stay, as the history that a report counts.
CREATE TABLE alarm (
	number INTEGER PRIMARY KEY,
	kind TEXT NOT NULL CHECK (length(kind) <= 23),
	object TEXT NOT NULL CHECK (length(object) <= 95),
	text TEXT NOT NULL CHECK (length(text) <= 511),
	state TEXT NOT NULL CHECK (state IN ('open', 'seen', 'over')),
	raised INTEGER NOT NULL,
	last INTEGER NOT NULL,			-- when it was last found to be so
	over INTEGER NOT NULL DEFAULT 0,
	seen_by INTEGER REFERENCES account,	-- who said: I look after it
	seen INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX alarm_open ON alarm (kind, object) WHERE state <> 'over';

-- ---- addresses, and what goes there -------------------------------------------

-- Further addresses of an account, beside account.email.  Nothing but the
-- code goes to one that is not confirmed.
CREATE TABLE contact (
	number INTEGER PRIMARY KEY,
	account INTEGER NOT NULL REFERENCES account,
	email TEXT NOT NULL CHECK (length(email) <= 254),
	added INTEGER NOT NULL,
	confirmed INTEGER NOT NULL DEFAULT 0,
	code_hash BLOB CHECK (length(code_hash) = 32),	-- while not confirmed
	code_expires INTEGER NOT NULL DEFAULT 0,
	code_tries INTEGER NOT NULL DEFAULT 0,
	UNIQUE (account, email)
) STRICT;
CREATE INDEX contact_unconfirmed ON contact (code_expires)
    WHERE confirmed = 0;

-- Letters that an account does not want: 'reminders', 'issued', or the
-- reminders of one certificate (request <> 0, what = 'certificate').
CREATE TABLE muted (
	account INTEGER NOT NULL REFERENCES account,
	what TEXT NOT NULL CHECK (what IN ('reminders', 'issued', 'certificate')),
	request INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (account, what, request)
) STRICT, WITHOUT ROWID;

-- Forms that were typed and not sent (a line dropped): for their account
-- alone, seven days (core/registrar/request/draft.h).
CREATE TABLE draft (
	account INTEGER NOT NULL REFERENCES account,
	form TEXT NOT NULL CHECK (length(form) BETWEEN 1 AND 63),
	body BLOB NOT NULL CHECK (length(body) BETWEEN 1 AND 24576),
	at INTEGER NOT NULL,
	PRIMARY KEY (account, form)
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_at ON draft (at);
CREATE TRIGGER draft_closed AFTER UPDATE OF state ON account
WHEN NEW.state = 'closed' BEGIN
	DELETE FROM draft WHERE account = NEW.number;
END;

-- ---- recovery of an account whose key is lost -----------------------------------

-- A code was mailed to the account's address ('mailed'); whoever entered it
-- waits with the key that he came with ('waiting') until `due`.  Meanwhile
-- any key of the account, or the stop code of the letters, ends it.
CREATE TABLE recovery (
	number INTEGER PRIMARY KEY,
	account INTEGER NOT NULL REFERENCES account,
	state TEXT NOT NULL CHECK (state IN
	    ('mailed', 'waiting', 'done', 'stopped', 'expired')),
	code_hash BLOB CHECK (length(code_hash) = 32),	-- while mailed
	code_expires INTEGER NOT NULL,
	asked INTEGER NOT NULL,
	source TEXT NOT NULL CHECK (length(source) <= 63),	-- who asked
	begun INTEGER NOT NULL DEFAULT 0,
	stop_hash BLOB CHECK (length(stop_hash) = 32),	-- while waiting
	fingerprint TEXT NOT NULL DEFAULT '' CHECK (length(fingerprint) <= 63),
	line TEXT NOT NULL DEFAULT '' CHECK (length(line) <= 1023),
	due INTEGER NOT NULL DEFAULT 0,
	needs_approval INTEGER NOT NULL DEFAULT 0,
	approved_by INTEGER REFERENCES account,
	approved INTEGER NOT NULL DEFAULT 0,
	ended INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX recovery_account ON recovery (account, number);
CREATE UNIQUE INDEX recovery_waiting ON recovery (account)
    WHERE state = 'waiting';
CREATE INDEX recovery_open ON recovery (state)
    WHERE state IN ('mailed', 'waiting');

-- ---- roles, halting, the director's word -----------------------------------------

-- A role given to an account: asked for by the director, confirmed by a
-- second person (S12.6); account.role is what counts.
CREATE TABLE role_grant (
	number INTEGER PRIMARY KEY,
	account INTEGER NOT NULL REFERENCES account,
	role TEXT NOT NULL CHECK (role IN
	    ('staff', 'auditor', 'finance', 'director')),
	state TEXT NOT NULL CHECK (state IN
	    ('waiting', 'held', 'ended', 'dropped', 'expired')),
	until INTEGER NOT NULL DEFAULT 0,	-- 0: without end
	reason TEXT NOT NULL CHECK (length(reason) <= 255),
	asked_by INTEGER NOT NULL REFERENCES account,
	asked INTEGER NOT NULL,
	confirmed_by INTEGER REFERENCES account,
	confirmed INTEGER NOT NULL DEFAULT 0,
	ended INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX role_grant_waiting ON role_grant (account)
    WHERE state = 'waiting';
CREATE UNIQUE INDEX role_grant_held ON role_grant (account)
    WHERE state = 'held';

-- Issuing was halted; it goes on when two people have said so (P4.2).
CREATE TABLE halt (
	number INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,
	account INTEGER NOT NULL REFERENCES account,
	reason TEXT NOT NULL CHECK (length(reason) <= 255),
	resume_by INTEGER REFERENCES account,	-- the first who wants to go on
	resume_at INTEGER NOT NULL DEFAULT 0,
	resumed_by INTEGER REFERENCES account,	-- the second
	resumed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX halt_open ON halt (resumed) WHERE resumed = 0;

-- The director has read the policy with this hash (J6.3).
CREATE TABLE acknowledgement (
	number INTEGER PRIMARY KEY,
	policy TEXT NOT NULL CHECK (length(policy) = 64),
	version TEXT NOT NULL CHECK (length(version) <= 31),
	account INTEGER NOT NULL REFERENCES account,
	at INTEGER NOT NULL
) STRICT;
CREATE INDEX acknowledgement_policy ON acknowledgement (policy);

-- ---- costs and reports ------------------------------------------------------------

-- Money spent and received (P2.1, P2.3): amounts in minor units of a currency
-- (ISO 4217).  A line stays as it is; it is taken back by another with the
-- same amount below zero.
CREATE TABLE ledger (
	number INTEGER PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN
	    ('fixed', 'per-certificate', 'one-off', 'income')),
	date INTEGER NOT NULL CHECK (date % 86400 = 0),
	amount INTEGER NOT NULL CHECK (amount <> 0),
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	payee TEXT NOT NULL CHECK (length(payee) <= 127),
	text TEXT NOT NULL CHECK (length(text) <= 255),
	evidence TEXT NOT NULL CHECK (length(evidence) <= 255),
	reverses INTEGER REFERENCES ledger,
	added INTEGER NOT NULL,
	account INTEGER NOT NULL REFERENCES account
) STRICT;
CREATE INDEX ledger_date ON ledger (date);
CREATE UNIQUE INDEX ledger_reverses ON ledger (reverses)
    WHERE reverses IS NOT NULL;
CREATE TRIGGER ledger_kept BEFORE DELETE ON ledger BEGIN
	SELECT raise(ABORT, 'lines of the ledger stay');
END;
CREATE TRIGGER ledger_unchanged BEFORE UPDATE ON ledger BEGIN
	SELECT raise(ABORT, 'lines of the ledger stay as they are');
END;

-- What each certificate costs from a day on (P2.2).  Of the rows of one day
-- the last counts.
CREATE TABLE fee_term (
	number INTEGER PRIMARY KEY,
	since INTEGER NOT NULL CHECK (since % 86400 = 0),
	amount INTEGER NOT NULL CHECK (amount >= 0),
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	text TEXT NOT NULL CHECK (length(text) <= 255),
	added INTEGER NOT NULL,
	account INTEGER NOT NULL REFERENCES account
) STRICT;

-- Of the rows of one year and currency the last counts.
CREATE TABLE budget (
	number INTEGER PRIMARY KEY,
	year INTEGER NOT NULL CHECK (year BETWEEN 2000 AND 2999),
	amount INTEGER NOT NULL CHECK (amount >= 0),
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	added INTEGER NOT NULL,
	account INTEGER NOT NULL REFERENCES account
) STRICT;

-- From when to when somebody was a member, and a domain proven: so that the
-- report of a past quarter can count them.  No names, and so it stays.
CREATE TABLE span (
	what TEXT NOT NULL CHECK (what IN ('member', 'domain')),
	number INTEGER NOT NULL,
	since INTEGER NOT NULL,
	until INTEGER NOT NULL DEFAULT 0	-- 0: still
) STRICT;
CREATE INDEX span_counted ON span (what, until, since);
CREATE INDEX span_open ON span (what, number) WHERE until = 0;
CREATE TRIGGER span_member_made AFTER INSERT ON account
WHEN new.state IN ('active', 'suspended') BEGIN
	INSERT INTO span (what, number, since)
	VALUES ('member', new.number, unixepoch());
END;
CREATE TRIGGER span_member_begun AFTER UPDATE OF state ON account
WHEN old.state IN ('pending', 'closed')
  AND new.state IN ('active', 'suspended') BEGIN
	INSERT INTO span (what, number, since)
	VALUES ('member', new.number, unixepoch());
END;
CREATE TRIGGER span_member_ended AFTER UPDATE OF state ON account
WHEN old.state IN ('active', 'suspended')
  AND new.state IN ('pending', 'closed') BEGIN
	UPDATE span SET until = unixepoch()
	WHERE what = 'member' AND number = new.number AND until = 0;
END;
CREATE TRIGGER span_domain_begun AFTER UPDATE OF state ON domain
WHEN old.state <> 'proven' AND new.state = 'proven' BEGIN
	INSERT INTO span (what, number, since)
	VALUES ('domain', new.number, unixepoch());
END;
CREATE TRIGGER span_domain_ended AFTER UPDATE OF state ON domain
WHEN old.state = 'proven' AND new.state <> 'proven' BEGIN
	UPDATE span SET until = unixepoch()
	WHERE what = 'domain' AND number = new.number AND until = 0;
END;

-- A quarter's report as it went to the Board (P5.5): its figures as they were
-- hashed, and the note that the log's key signed over the hash.
CREATE TABLE report (
	quarter INTEGER PRIMARY KEY,	-- 4 * year + quarter - 1
	csv BLOB NOT NULL,
	sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
	note BLOB NOT NULL,
	entries INTEGER NOT NULL,
	made INTEGER NOT NULL,
	at INTEGER NOT NULL,
	account INTEGER NOT NULL REFERENCES account
) STRICT;
CREATE TABLE report_addendum (
	number INTEGER PRIMARY KEY,
	quarter INTEGER NOT NULL REFERENCES report,
	at INTEGER NOT NULL,
	account INTEGER NOT NULL REFERENCES account,
	text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 1000)
) STRICT;
CREATE INDEX report_addendum_quarter ON report_addendum (quarter, number);
CREATE TRIGGER report_kept BEFORE DELETE ON report BEGIN
	SELECT raise(ABORT, 'submitted reports stay');
END;
CREATE TRIGGER report_unchanged BEFORE UPDATE ON report BEGIN
	SELECT raise(ABORT, 'submitted reports stay as they are');
END;
CREATE TRIGGER report_addendum_kept BEFORE DELETE ON report_addendum BEGIN
	SELECT raise(ABORT, 'addenda stay');
END;
CREATE TRIGGER report_addendum_unchanged BEFORE UPDATE ON report_addendum BEGIN
	SELECT raise(ABORT, 'addenda stay as they are');
END;

-- The documents that rule what is done here (G6, J7.2): of each kind the last
-- row whose time has come and is not over is in force.
CREATE TABLE document (
	number INTEGER PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('ca-policy', 'ica-appendix',
	    'member-agreement', 'upstream-agreement', 'practice-statement',
	    'test-results')),
	version TEXT NOT NULL CHECK (length(version) BETWEEN 1 AND 31),
	file TEXT NOT NULL CHECK (length(file) BETWEEN 1 AND 127),
	sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
	since INTEGER NOT NULL,
	until INTEGER NOT NULL DEFAULT 0,
	added INTEGER NOT NULL,
	added_by TEXT NOT NULL CHECK (length(added_by) <= 32),
	UNIQUE (kind, version)
) STRICT;
CREATE TRIGGER document_kept BEFORE DELETE ON document BEGIN
	SELECT raise(ABORT, 'ruling documents stay');
END;
CREATE TRIGGER document_unchanged BEFORE UPDATE ON document BEGIN
	SELECT raise(ABORT, 'ruling documents stay as they are');
END;

-- ---- lists and searches at millions of rows --------------------------------------

-- Trigrams of names, so that any part of one is found: of each request its
-- account, subject and domains; of each domain both forms.  The names
-- themselves are not kept here again; the clock fills both, behind the issuing
-- (core/registrar/list/name_index.h).  The settings names.* say how far they are.
CREATE VIRTUAL TABLE request_fts USING fts5(names, content='',
    tokenize='trigram', detail=none, columnsize=0);
CREATE VIRTUAL TABLE domain_fts USING fts5(names, content='',
    tokenize='trigram', detail=none, columnsize=0);

-- What is rare among many, newest first.
CREATE INDEX request_refused ON request (number) WHERE state = 'refused';
CREATE INDEX request_withdrawn ON request (number) WHERE state = 'withdrawn';
CREATE INDEX certificate_revoked_request ON certificate (request)
    WHERE state = 'revoked';

-- How many rows a list has, so that nobody counts them: 'account',
-- 'certificate' (those of requests), 'active' accounts, 'proven' domains.
CREATE TABLE tally (
	name TEXT PRIMARY KEY CHECK (length(name) <= 23),
	count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tally (name, count) VALUES ('account', 0), ('certificate', 0),
    ('active', 0), ('proven', 0);	-- accounts, domains in that state
CREATE TRIGGER account_tally AFTER INSERT ON account BEGIN
	UPDATE tally SET count = count + 1 WHERE name = 'account';
	UPDATE tally SET count = count + 1
	WHERE name = 'active' AND new.state = 'active';
END;
CREATE TRIGGER account_untally AFTER DELETE ON account BEGIN
	UPDATE tally SET count = count - 1 WHERE name = 'account';
	UPDATE tally SET count = count - 1
	WHERE name = 'active' AND old.state = 'active';
END;
CREATE TRIGGER account_active AFTER UPDATE OF state ON account
WHEN (old.state = 'active') <> (new.state = 'active') BEGIN
	UPDATE tally SET count = count + (new.state = 'active')
	    - (old.state = 'active') WHERE name = 'active';
END;
CREATE TRIGGER domain_tally AFTER UPDATE OF state ON domain
WHEN (old.state = 'proven') <> (new.state = 'proven') BEGIN
	UPDATE tally SET count = count + (new.state = 'proven')
	    - (old.state = 'proven') WHERE name = 'proven';
END;
CREATE TRIGGER domain_tally_made AFTER INSERT ON domain
WHEN new.state = 'proven' BEGIN
	UPDATE tally SET count = count + 1 WHERE name = 'proven';
END;
CREATE TRIGGER domain_untally AFTER DELETE ON domain
WHEN old.state = 'proven' BEGIN
	UPDATE tally SET count = count - 1 WHERE name = 'proven';
END;
CREATE TRIGGER certificate_tally AFTER INSERT ON certificate
WHEN new.request IS NOT NULL BEGIN
	UPDATE tally SET count = count + 1 WHERE name = 'certificate';
END;

-- ---- states -------------------------------------------------------------------

-- A row's state moves along these lines or not at all, whoever changes it.
-- core/model/state.c has those that the registrar asks for beforehand, to say
-- a sentence; tests/unit/moves_test.c holds both to be one, and that no table
-- with states lacks its lines: an issuer's state is the signer's word, a
-- finding about CAA is made anew with each answer, a revocation's row stays.
CREATE TRIGGER account_moves BEFORE UPDATE OF state ON account
WHEN old.state <> new.state
  AND NOT (old.state = 'pending' AND new.state = 'active')
  AND NOT (old.state = 'pending' AND new.state = 'closed')
  AND NOT (old.state = 'active' AND new.state = 'suspended')
  AND NOT (old.state = 'active' AND new.state = 'closed')
  AND NOT (old.state = 'suspended' AND new.state = 'active')
  AND NOT (old.state = 'suspended' AND new.state = 'closed')
BEGIN
	SELECT raise(ABORT, 'account: its state does not move so');
END;
CREATE TRIGGER domain_moves BEFORE UPDATE OF state ON domain
WHEN old.state <> new.state
  AND NOT (old.state = 'claimed' AND new.state = 'proven')
  AND NOT (old.state = 'claimed' AND new.state = 'conflict')
  AND NOT (old.state = 'claimed' AND new.state = 'dropped')
  AND NOT (old.state = 'proven' AND new.state = 'lapsed')
  AND NOT (old.state = 'proven' AND new.state = 'dropped')
  AND NOT (old.state = 'proven' AND new.state = 'conflict')
  AND NOT (old.state = 'lapsed' AND new.state = 'proven')
  AND NOT (old.state = 'lapsed' AND new.state = 'conflict')
  AND NOT (old.state = 'lapsed' AND new.state = 'dropped')
  AND NOT (old.state = 'conflict' AND new.state = 'proven')
  AND NOT (old.state = 'conflict' AND new.state = 'dropped')
  AND NOT (old.state = 'conflict' AND new.state = 'lapsed')
  AND NOT (old.state = 'dropped' AND new.state = 'claimed')
BEGIN
	SELECT raise(ABORT, 'domain: its state does not move so');
END;
CREATE TRIGGER challenge_moves BEFORE UPDATE OF state ON challenge
WHEN old.state <> new.state
  AND NOT (old.state = 'waiting' AND new.state = 'sent')
  AND NOT (old.state = 'waiting' AND new.state = 'proved')
  AND NOT (old.state = 'waiting' AND new.state = 'replaced')
  AND NOT (old.state = 'waiting' AND new.state = 'locked')
  AND NOT (old.state = 'waiting' AND new.state = 'expired')
  AND NOT (old.state = 'sent' AND new.state = 'proved')
  AND NOT (old.state = 'sent' AND new.state = 'expired')
  AND NOT (old.state = 'sent' AND new.state = 'locked')
  AND NOT (old.state = 'sent' AND new.state = 'replaced')
BEGIN
	SELECT raise(ABORT, 'challenge: its state does not move so');
END;
CREATE TRIGGER lookup_moves BEFORE UPDATE OF state ON lookup
WHEN old.state <> new.state
  AND NOT (old.state = 'waiting' AND new.state = 'leased')
  AND NOT (old.state = 'waiting' AND new.state = 'done')
  AND NOT (old.state = 'leased' AND new.state = 'waiting')
  AND NOT (old.state = 'leased' AND new.state = 'done')
BEGIN
	SELECT raise(ABORT, 'lookup: its state does not move so');
END;
CREATE TRIGGER request_moves BEFORE UPDATE OF state ON request
WHEN old.state <> new.state
  AND NOT (old.state = 'awaiting' AND new.state = 'approved')
  AND NOT (old.state = 'awaiting' AND new.state = 'refused')
  AND NOT (old.state = 'awaiting' AND new.state = 'withdrawn')
  AND NOT (old.state = 'approved' AND new.state = 'issued')
  AND NOT (old.state = 'approved' AND new.state = 'refused')
BEGIN
	SELECT raise(ABORT, 'request: its state does not move so');
END;
CREATE TRIGGER invitation_moves BEFORE UPDATE OF state ON invitation
WHEN old.state <> new.state
  AND NOT (old.state = 'open' AND new.state = 'used')
  AND NOT (old.state = 'open' AND new.state = 'dropped')
  AND NOT (old.state = 'open' AND new.state = 'expired')
BEGIN
	SELECT raise(ABORT, 'invitation: its state does not move so');
END;
CREATE TRIGGER certificate_moves BEFORE UPDATE OF state ON certificate
WHEN old.state <> new.state
  AND NOT (old.state = 'good' AND new.state = 'revoked')
BEGIN
	SELECT raise(ABORT, 'certificate: its state does not move so');
END;
CREATE TRIGGER issuer_wish_moves BEFORE UPDATE OF state ON issuer_wish
WHEN old.state <> new.state
  AND NOT (old.state = 'waiting' AND new.state = 'confirmed')
  AND NOT (old.state = 'waiting' AND new.state = 'done')
  AND NOT (old.state = 'waiting' AND new.state = 'dropped')
  AND NOT (old.state = 'waiting' AND new.state = 'expired')
  AND NOT (old.state = 'confirmed' AND new.state = 'done')
  AND NOT (old.state = 'confirmed' AND new.state = 'dropped')
  AND NOT (old.state = 'confirmed' AND new.state = 'expired')
BEGIN
	SELECT raise(ABORT, 'issuer_wish: its state does not move so');
END;
CREATE TRIGGER notice_moves BEFORE UPDATE OF state ON notice
WHEN old.state <> new.state
  AND NOT (old.state = 'waiting' AND new.state = 'leased')
  AND NOT (old.state = 'waiting' AND new.state = 'failed')
  AND NOT (old.state = 'leased' AND new.state = 'waiting')
  AND NOT (old.state = 'leased' AND new.state = 'sent')
  AND NOT (old.state = 'leased' AND new.state = 'failed')
BEGIN
	SELECT raise(ABORT, 'notice: its state does not move so');
END;
CREATE TRIGGER revocation_plan_moves BEFORE UPDATE OF state ON revocation_plan
WHEN old.state <> new.state
  AND NOT (old.state = 'waiting' AND new.state = 'running')
  AND NOT (old.state = 'waiting' AND new.state = 'dropped')
  AND NOT (old.state = 'waiting' AND new.state = 'expired')
  AND NOT (old.state = 'running' AND new.state = 'done')
  AND NOT (old.state = 'running' AND new.state = 'dropped')
BEGIN
	SELECT raise(ABORT, 'revocation_plan: its state does not move so');
END;
CREATE TRIGGER alarm_moves BEFORE UPDATE OF state ON alarm
WHEN old.state <> new.state
  AND NOT (old.state = 'open' AND new.state = 'seen')
  AND NOT (old.state = 'open' AND new.state = 'over')
  AND NOT (old.state = 'seen' AND new.state = 'over')
BEGIN
	SELECT raise(ABORT, 'alarm: its state does not move so');
END;
CREATE TRIGGER recovery_moves BEFORE UPDATE OF state ON recovery
WHEN old.state <> new.state
  AND NOT (old.state = 'mailed' AND new.state = 'waiting')
  AND NOT (old.state = 'mailed' AND new.state = 'expired')
  AND NOT (old.state = 'waiting' AND new.state = 'done')
  AND NOT (old.state = 'waiting' AND new.state = 'stopped')
  AND NOT (old.state = 'waiting' AND new.state = 'expired')
BEGIN
	SELECT raise(ABORT, 'recovery: its state does not move so');
END;
CREATE TRIGGER role_grant_moves BEFORE UPDATE OF state ON role_grant
WHEN old.state <> new.state
  AND NOT (old.state = 'waiting' AND new.state = 'held')
  AND NOT (old.state = 'waiting' AND new.state = 'dropped')
  AND NOT (old.state = 'waiting' AND new.state = 'expired')
  AND NOT (old.state = 'held' AND new.state = 'ended')
BEGIN
	SELECT raise(ABORT, 'role_grant: its state does not move so');
END;
CREATE TRIGGER revocation_moves BEFORE UPDATE OF state ON revocation
WHEN old.state <> new.state
BEGIN
	SELECT raise(ABORT, 'revocation: its state does not move so');
END;
