/*
 * bench_issue.c - how fast approved requests become durable certificates
 * (performance.md P9 to P12).
 *
 *   bench_issue CONF MEMBER MEMBER.pub STAFF STAFF.pub DOMAIN N
 *
 * Sits where the gate sits: opens a seat for the member and one for staff at
 * run/gate.sock of a running authority, submits N CSRs with fresh P-256 keys
 * for DOMAIN (proven by the member already), then approves all of them with
 * the questions pipelined, and then as many again one by one.  CPU seconds
 * are those of the registrar and the signer, from /proc.  Prints one `key
 * value` line for each figure.  BENCH_WINDOWS in the environment: also when
 * each part began and ended (Unix time), to count system calls within.
 * BENCH_BATCH_ALONE: without the second half.
 */
#include <dirent.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/wire/ask.h"
#include "tests/tool/gate_seat.h"

static struct conf conf;

static double
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Seconds that one process has run, all its threads, to the nanosecond. */
static double
process_cpu(const char *pid)
{
	char path[600];
	double sum = 0;
	struct dirent *e;
	DIR *d = NULL;

	snprintf(path, sizeof path, "/proc/%s/task", pid);
	if ((d = opendir(path)) == NULL)
		return 0;
	while ((e = readdir(d)) != NULL) {
		unsigned long long ns = 0;
		FILE *f;

		snprintf(path, sizeof path, "/proc/%s/task/%s/schedstat",
		    pid, e->d_name);
		if (e->d_name[0] == '.' || (f = fopen(path, "r")) == NULL)
			continue;
		if (fscanf(f, "%llu", &ns) == 1)
			sum += (double)ns / 1e9;
		fclose(f);
	}
	closedir(d);
	return sum;
}

/* CPU of the processes whose command line has this binary and our CONF. */
static double
cpu_of(const char *binary)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	double sum = 0;

	while (d != NULL && (e = readdir(d)) != NULL) {
		char path[300];
		struct blob b = { 0 };

		snprintf(path, sizeof path, "/proc/%s/cmdline", e->d_name);
		if (e->d_name[0] < '0' || e->d_name[0] > '9')
			continue;
		if (file_read(path, 65536, &b, NULL) == 0 &&
		    memmem(b.data, b.size, binary, strlen(binary)) != NULL &&
		    memmem(b.data, b.size, conf.file, strlen(conf.file)) !=
		    NULL)
			sum += process_cpu(e->d_name);
		blob_clear(&b);
	}
	if (d != NULL)
		closedir(d);
	return sum;
}

/* What each of the two had used when cpu_all() was called last, and before. */
static double used[2][2];

static double
cpu_all(void)
{
	memcpy(used[1], used[0], sizeof used[0]);
	used[0][0] = cpu_of(BINARY_REGISTRAR);
	used[0][1] = cpu_of(BINARY_SIGNER);
	return used[0][0] + used[0][1];
}

/* Letters and published answers of what came before have their own figures:
 * wait until the two processes rest. */
static void
settle(void)
{
	for (int i = 0; i < 600; i++) {
		double before = cpu_of(BINARY_REGISTRAR) +
		    cpu_of(BINARY_SIGNER);

		usleep(200000);
		if (cpu_of(BINARY_REGISTRAR) + cpu_of(BINARY_SIGNER) -
		    before < 0.002)
			return;
	}
	fatal("the authority does not come to rest");
}

static void
csr_make(struct blob *der)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509_REQ *req = X509_REQ_new();
	unsigned char *p = NULL;
	int n;

	X509_REQ_set_pubkey(req, key);
	if (X509_REQ_sign(req, key, EVP_sha256()) <= 0 ||
	    (n = i2d_X509_REQ(req, &p)) <= 0)
		fatal("CSR");
	blob_set(der, p, (size_t)n);
	OPENSSL_free(p);
	X509_REQ_free(req);
	EVP_PKEY_free(key);
}

static void
wish_make(struct request_wish *w, const char *domain)
{
	struct domain_name *d = LIST_ADD(w, domains);

	snprintf(d->name, sizeof d->name, "%s", domain);
	csr_make(&w->csr);
}

/* Queue one question without waiting for its answer. */
static void
frame_add(struct buf *b, uint32_t sequence, enum op op, const void *arg)
{
	size_t start = b->size, length;

	buf_put_u32(b, 0);
	buf_put_u32(b, sequence);
	buf_put_u16(b, (uint16_t)op);
	buf_put_u8(b, FRAME_ASK);
	shape_encode(ops[op].argument, arg, b);
	length = b->size - start - 4;
	for (int i = 0; i < 4; i++)
		b->data[start + (size_t)i] = (uint8_t)(length >> (24 - 8 * i));
}

static void __attribute__((noreturn))
error_tell(enum op op, size_t got, struct reader *r)
{
	char clause[ERR_CLAUSE_SIZE], text[ERR_TEXT_SIZE];

	reader_u8(r);
	reader_str(r, clause, sizeof clause);
	reader_str(r, text, sizeof text);
	fatal("%s: answer %zu is an error: %s: %s", ops[op].name, got, clause,
	    text);
}

/* Write all questions and take all answers, whichever is possible. */
static void
pipeline(struct line *l, struct buf *out, size_t n, enum op op,
    int64_t *numbers)
{
	size_t got = 0;
	struct buf in = { 0 };

	if (fork() == 0) {	/* the writing half */
		_exit(fd_write_all(l->fd, out->data, out->size) < 0);
	}
	while (got < n) {
		uint32_t length;
		struct reader r;
		ssize_t k;

		buf_reserve(&in, 65536);
		if ((k = read(l->fd, in.data + in.size, 65536)) <= 0)
			fatal("the registrar hung up after %zu answers", got);
		in.size += (size_t)k;
		for (;;) {
			struct request q = { 0 };

			if (in.size < FRAME_HEAD)
				break;
			reader_init(&r, in.data, in.size);
			length = reader_u32(&r);
			if (in.size < length + 4)
				break;
			reader_u32(&r);
			reader_u16(&r);
			switch (reader_u8(&r)) {
			case FRAME_ERROR:
				error_tell(op, got, &r);
			case FRAME_ANSWER:
				r.left = length - 7;
				if (shape_decode(&request_shape, &q, &r) < 0)
					fatal("garbled answer");
				if (op == OP_request_approve &&
				    q.row.state != REQUEST_ISSUED)
					fatal("request %lld is %s, not issued: %s",
					    (long long)q.row.number,
					    word_of(&request_state_words,
					    q.row.state), q.refusal);
				numbers[got++] = q.row.number;
				NOUN_CLEAR(request, &q);
				break;
			default:
				break;
			}
			buf_consume(&in, length + 4);
		}
	}
	buf_clear(&in);
}

/* BENCH_GO in the environment: all is prepared, and begins when that file is
 * there (worst_day.sh); else when the authority rests. */
static void
start_wait(bool first)
{
	const char *go = getenv("BENCH_GO");

	if (go == NULL)
		settle();
	for (; go != NULL && first && access(go, F_OK) < 0; )
		usleep(1000);
}

static int
double_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
figure(const char *what, size_t n, double wall, double cpu)
{
	struct timespec ts;
	double end;

	clock_gettime(CLOCK_REALTIME, &ts);
	end = (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
	if (getenv("BENCH_WINDOWS") != NULL)
		printf("%s_window %.6f %.6f\n", what, end - wall, end);
	printf("%s_wall_per_second %.0f\n", what, (double)n / wall);
	printf("%s_per_cpu_second %.0f\n", what,
	    cpu > 0 ? (double)n / cpu : 0);
	printf("%s_registrar_cpu_us %.1f\n", what,
	    (used[0][0] - used[1][0]) * 1e6 / (double)n);
	printf("%s_signer_cpu_us %.1f\n", what,
	    (used[0][1] - used[1][1]) * 1e6 / (double)n);
}

static void
submit_all(struct line *member, const char *domain, size_t n,
    int64_t *numbers)
{
	struct buf out = { 0 };
	double wall, cpu;

	for (size_t i = 0; i < n; i++) {
		struct request_wish w = { 0 };

		wish_make(&w, domain);
		frame_add(&out, (uint32_t)i + 1, OP_request_submit, &w);
		NOUN_CLEAR(request_wish, &w);
	}
	start_wait(true);
	wall = seconds();
	cpu = cpu_all();
	pipeline(member, &out, n, OP_request_submit, numbers);
	wall = seconds() - wall;
	figure("submit", n, wall, cpu_all() - cpu);
	buf_clear(&out);
}

static void
approve_all(struct line *staff, size_t n, int64_t *numbers)
{
	struct buf out = { 0 };
	double wall, cpu;

	for (size_t i = 0; i < n; i++) {
		struct decision d = { .number = numbers[i] };

		frame_add(&out, (uint32_t)i + 1, OP_request_approve, &d);
	}
	start_wait(false);
	wall = seconds();
	cpu = cpu_all();
	pipeline(staff, &out, n, OP_request_approve, numbers);
	wall = seconds() - wall;
	figure("approve_batch", n, wall, cpu_all() - cpu);
	buf_clear(&out);
}

static void
approve_singly(struct line *staff, size_t n, const int64_t *numbers)
{
	double *took = calloc(n, sizeof *took), wall, cpu;

	settle();
	wall = seconds();
	cpu = cpu_all();
	for (size_t i = 0; i < n; i++) {
		struct decision d = { .number = numbers[i] };
		struct request r = { 0 };
		double start = seconds();
		struct err e;

		if (ask_request_approve(staff, &d, &r, &e) < 0)
			fatal("approve: %s", e.text);
		if (r.row.state != REQUEST_ISSUED)
			fatal("not issued: %s", r.refusal);
		took[i] = seconds() - start;
		NOUN_CLEAR(request, &r);
	}
	wall = seconds() - wall;
	figure("approve_single", n, wall, cpu_all() - cpu);
	qsort(took, n, sizeof *took, double_compare);
	printf("approve_single_p50_ms %.2f\n", took[n / 2] * 1e3);
	printf("approve_single_p99_ms %.2f\n", took[n * 99 / 100] * 1e3);
	printf("approve_single_max_ms %.2f\n", took[n - 1] * 1e3);
	free(took);
}

int
main(int argc, char **argv)
{
	struct line member, staff;
	int64_t n, *numbers;
	struct err e;
	int fd;

	log_open("bench_issue");
	if (argc != 8 || !number_parse(argv[7], 100000, &n) || n < 1)
		fatal("usage: bench_issue CONF MEMBER MEMBER.pub STAFF STAFF.pub DOMAIN N");
	if (conf_read(argv[1], &conf, &e) < 0 ||
	    (fd = child_connect(&conf, SOCKET_GATE, &e)) < 0)
		fatal("%s", e.text);
	line_init(&gate, fd);
	member = seat_for(argv[2], argv[3]);
	staff = seat_for(argv[4], argv[5]);
	numbers = calloc((size_t)n, sizeof *numbers);
	submit_all(&member, argv[6], (size_t)n, numbers);
	approve_all(&staff, (size_t)n, numbers);
	if (getenv("BENCH_BATCH_ALONE") != NULL)
		return 0;
	submit_all(&member, argv[6], (size_t)n, numbers);
	approve_singly(&staff, (size_t)n, numbers);
	free(numbers);
	return 0;
}
