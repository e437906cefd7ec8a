# figures.sh - medians and ratios of what a bench has measured: lines of
# "NAME VALUE" in the file $FIGURES, one for each round.
# shellcheck shell=sh

# keep PREFIX: figures from stdin to the screen and to the list
keep() {
	sed "s/^/$1/" | tee -a "$FIGURES"
}

# median NAME: over all rounds
median() {
	awk -v k="$1" '$1 == k { print $2 }' "$FIGURES" | sort -n |
		awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# ratio NAME OURS PEER
ratio() {
	awk -v n="$1" -v a="$2" -v b="$3" \
		'BEGIN { printf "%s %.2f\n", n, (b > 0) ? a / b : 0 }'
}

# ticks PID...: CPU in 1/100 s, their dead children included
ticks() {
	for _p; do
		sed 's/.*) //' "/proc/$_p/stat" 2>/dev/null
	done | awk '{ s += $12 + $13 + $14 + $15 } END { print s + 0 }'
}
