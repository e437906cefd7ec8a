-- schema.sql - everything the authority remembers, in one page.
--
-- Times are Unix seconds (UTC).  States are the words of core/model/words.def.
-- Texts have CHECKed lengths, so that every reader's buffer is long enough.
-- Rows are numbered in order of birth; lists are paged by number (keyset).
-- The audit table only grows; its triggers say so, its hash chain proves it.

-- ---- people ------------------------------------------------------------

CREATE TABLE account (
	number INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 32),
	email TEXT NOT NULL CHECK (length(email) <= 254),	-- '' when erased
	role TEXT NOT NULL CHECK (role IN
	    ('member', 'staff', 'auditor', 'finance', 'director')),
	state TEXT NOT NULL CHECK (state IN
	    ('pending', 'active', 'suspended', 'closed')),
	created INTEGER NOT NULL,
	last_login INTEGER NOT NULL DEFAULT 0,
	agreement TEXT NOT NULL DEFAULT '' CHECK (length(agreement) <= 31),
	code_hash BLOB,			-- of the registration code, while pending
	code_expires INTEGER NOT NULL DEFAULT 0,
	code_tries INTEGER NOT NULL DEFAULT 0,
	good_certificates INTEGER NOT NULL DEFAULT 0	-- kept by triggers
) STRICT;

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
CREATE UNIQUE INDEX domain_holder ON domain (name) WHERE state = 'proven';
CREATE INDEX domain_name ON domain (name);

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
CREATE INDEX lookup_ended ON lookup (ended) WHERE state = 'done';

-- ---- requests and certificates -----------------------------------------

CREATE TABLE request (
	number INTEGER PRIMARY KEY,
	account INTEGER NOT NULL REFERENCES account,
	state TEXT NOT NULL CHECK (state IN
	    ('awaiting', 'approved', 'issued', 'refused', 'withdrawn')),
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
	retry_at INTEGER NOT NULL DEFAULT 0	-- while approved: ask the signer again
) STRICT;
CREATE INDEX request_account ON request (account, number);
CREATE INDEX request_waiting ON request (number) WHERE state = 'awaiting';
CREATE INDEX request_approved ON request (number) WHERE state = 'approved';
-- The same CSR for the same names twice is answered with the first number.
CREATE INDEX request_csr ON request (account, csr_sha256);
CREATE INDEX request_key ON request (spki_sha256);

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

CREATE TABLE certificate (
	number INTEGER PRIMARY KEY,	-- in order of issue
	request INTEGER UNIQUE REFERENCES request,	-- NULL: a burnt serial
	account INTEGER REFERENCES account,
	serial TEXT NOT NULL UNIQUE CHECK (length(serial) BETWEEN 2 AND 41),
	issuer TEXT NOT NULL CHECK (length(issuer) <= 63),
	state TEXT NOT NULL CHECK (state IN ('good', 'revoked', 'burnt')),
	not_before INTEGER NOT NULL,
	not_after INTEGER NOT NULL,
	issued INTEGER NOT NULL,
	revoked INTEGER NOT NULL DEFAULT 0,
	reason INTEGER NOT NULL DEFAULT 0,
	sha256 BLOB NOT NULL CHECK (length(sha256) IN (0, 32)),
	spki_sha256 BLOB NOT NULL CHECK (length(spki_sha256) IN (0, 32)),
	policy TEXT NOT NULL CHECK (length(policy) <= 63)	-- version that governed it
) STRICT;
CREATE INDEX certificate_account ON certificate (account, number);
CREATE INDEX certificate_expiring ON certificate (not_after) WHERE state = 'good';
-- All that a CRL needs, in the order in which it is read.
CREATE INDEX certificate_listed ON certificate
    (issuer, number, serial, revoked, reason, not_after, state)
    WHERE state <> 'good';
CREATE INDEX certificate_key ON certificate (spki_sha256);

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

-- Not good, and not yet among the kept entries of the CRL (db/crl-*.entries).
CREATE TABLE crl_new (
	certificate INTEGER PRIMARY KEY REFERENCES certificate
) STRICT;
CREATE TRIGGER certificate_listed_added AFTER INSERT ON certificate
WHEN new.state <> 'good' BEGIN
	INSERT OR IGNORE INTO crl_new (certificate) VALUES (new.number);
END;
CREATE TRIGGER certificate_listed_changed AFTER UPDATE OF state ON certificate
WHEN old.state = 'good' AND new.state <> 'good' BEGIN
	INSERT OR IGNORE INTO crl_new (certificate) VALUES (new.number);
END;
-- What is kept is no longer right: all entries are made anew.
CREATE TRIGGER certificate_listed_otherwise AFTER UPDATE OF revoked, reason
ON certificate WHEN old.state <> 'good' BEGIN
	DELETE FROM setting WHERE name = 'crl.' || new.issuer;
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
	state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'superseded')),
	der BLOB NOT NULL,
	root BLOB NOT NULL,
	not_after INTEGER NOT NULL,
	crl_number INTEGER NOT NULL DEFAULT 0,
	crl_at INTEGER NOT NULL DEFAULT 0,	-- thisUpdate of the last CRL
	crl_due INTEGER NOT NULL DEFAULT 0,	-- make the next one at this time
	journal_seen INTEGER NOT NULL DEFAULT 0	-- last signer journal entry reconciled
) STRICT, WITHOUT ROWID;

-- What the published answers must still learn: worked off, then deleted.
CREATE TABLE answer_due (
	certificate INTEGER PRIMARY KEY REFERENCES certificate,
	due INTEGER NOT NULL
) STRICT;
CREATE INDEX answer_due_time ON answer_due (due);

-- ---- letters --------------------------------------------------------------

-- A letter waiting to leave.  The body is rendered from the template and
-- these values when the courier takes it; a code is kept only until then.
CREATE TABLE notice (
	number INTEGER PRIMARY KEY,
	kind TEXT NOT NULL CHECK (length(kind) <= 31),
	account INTEGER REFERENCES account,
	recipient TEXT NOT NULL CHECK (length(recipient) <= 319),
	subject TEXT NOT NULL CHECK (length(subject) <= 255),
	body TEXT NOT NULL CHECK (length(body) <= 65536),	-- '' once a letter with a code has left
	calendar TEXT NOT NULL DEFAULT '' CHECK (length(calendar) <= 8192),	-- .ics that goes with it
	challenge INTEGER REFERENCES challenge,	-- that starts to count when this is sent
	state TEXT NOT NULL CHECK (state IN ('waiting', 'leased', 'sent', 'failed')),
	created INTEGER NOT NULL,
	next INTEGER NOT NULL,
	sent INTEGER NOT NULL DEFAULT 0,
	attempts INTEGER NOT NULL DEFAULT 0,
	reply TEXT NOT NULL DEFAULT '' CHECK (length(reply) <= 255)
) STRICT;
CREATE INDEX notice_due ON notice (next) WHERE state IN ('waiting', 'leased');

-- ---- the audit log ----------------------------------------------------------

-- One entry a step, in the transaction of the deed.  What may be personal
-- (actor, key, source, detail) stands behind a salted commitment, so that it
-- can be erased and the chain still holds:
--   commitment = SHA-256(salt, actor, key, source, detail)
--   hash = SHA-256(previous, number, at, role, action, noun, object, outcome,
--                  commitment)       (length-prefixed; core/registrar/audit.c)
CREATE TABLE audit (
	number INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,
	role TEXT NOT NULL,
	action TEXT NOT NULL CHECK (length(action) <= 47),
	noun TEXT NOT NULL CHECK (length(noun) <= 23),
	object TEXT NOT NULL CHECK (length(object) <= 95),
	outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
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

-- Letters that an account does not want: 'reminders', 'issued', or the
-- reminders of one certificate (request <> 0, what = 'certificate').
CREATE TABLE muted (
	account INTEGER NOT NULL REFERENCES account,
	what TEXT NOT NULL CHECK (what IN ('reminders', 'issued', 'certificate')),
	request INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (account, what, request)
) STRICT, WITHOUT ROWID;

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
