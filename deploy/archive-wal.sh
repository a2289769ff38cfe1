#!/bin/sh
# archive-wal.sh FROM TO: copy one piece of PostgreSQL's log, whole and on disk, or fail.
set -eu
if [ -e "$2" ]; then
    # Asked again after a crash: fine if it is the same piece, wrong if another would go.
    exec cmp -s "$1" "$2"
fi
part="$2.part.$$"
trap 'rm -f "$part"' EXIT
cp "$1" "$part"
sync "$part"
mv "$part" "$2"
sync "$(dirname "$2")"
