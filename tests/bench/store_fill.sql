-- store_fill.sql - a store as it is after :many issuances, made in seconds:
-- requests, names, approvals and certificates of 1,000 accounts, all good.
-- (sqlite3 -cmd '.param set :many 1000000' ica.db < store_fill.sql)
-- Neither audit entries nor the signer's journal know of them: to measure
-- issuing, lists and searches beside them, nothing else.  None ends within the
-- days of reminders, so that no letters leave meanwhile.
PRAGMA synchronous = OFF;
PRAGMA cache_size = -400000;
BEGIN;
CREATE TEMP TABLE seq AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
	SELECT i + 1 FROM n WHERE i < :many) SELECT i, printf('d%x.example',
	i * 2654435761 % 4294967296) AS domain FROM n;
INSERT INTO account (number, name, email, role, state, created)
	SELECT 1000000 + i, 'm' || i, 'm' || i || '@mail.example', 'member',
	'active', 1 FROM seq WHERE i <= 1000;
INSERT INTO request (number, account, state, profile, first, domains,
	subject_cn, note, digest, csr_sha256, spki_sha256, key_words, created,
	decided, serial)
	SELECT 10000000 + i, 1000001 + i % 1000, 'issued', 'xmpp-server',
	domain, 1, domain, '', randomblob(32), randomblob(32), randomblob(32),
	'EC P-256', unixepoch(), unixepoch(), '' FROM seq;
INSERT INTO request_domain SELECT 10000000 + i, 0, domain FROM seq;
INSERT INTO request_name SELECT 10000000 + i, k.place, k.kind, domain
	FROM seq, (SELECT 0 AS place, 'dNSName' AS kind UNION ALL
	SELECT 1, 'SRVName _xmpp-server' UNION ALL SELECT 2, 'SRVName _xmpp-client') k;
INSERT INTO certificate (number, request, account, serial, issuer, state,
	not_before, not_after, issued, sha256, spki_sha256, policy)
	SELECT 10000000 + i, 10000000 + i, 1000001 + i % 1000,
	printf('%02x', 1 + abs(random() % 126)) || lower(hex(randomblob(16))),
	'ica-server-1', 'good', unixepoch() - 3600,
	unixepoch() + 86400 * (40 + i % 50), unixepoch(), randomblob(32),
	randomblob(32), '1.0' FROM seq;
INSERT INTO certificate_der SELECT 10000000 + i, randomblob(640) FROM seq;
COMMIT;
PRAGMA wal_checkpoint(TRUNCATE);
