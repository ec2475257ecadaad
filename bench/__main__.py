"""`python -m bench [NAME...]`: a JSON line a benchmark."""

import json
import sys

from bench import (
    blind_sign,
    checkpoint_polls,
    envelopes,
    ingest,
    issuing,
    list_page,
    member_list,
    node_start,
    pool_many,
    results_page,
    run_chart,
    scan_notes,
    school_pages,
    search,
    signed_post,
    signed_request,
    trust_chain,
)

BENCHMARKS = {
    "trust-chain": trust_chain,
    "signed-request": signed_request,
    "signed-post": signed_post,
    "blind-sign": blind_sign,
    "envelope-seal-open": envelopes,
    "issue-1000-members": issuing,
    "run-chart-svg": run_chart,
    "pool-10000-practices": pool_many,
    "scan-notes": scan_notes,
    "ingest": ingest,
    "search": search,
    "checkpoint-polls": checkpoint_polls,
    "list-page": list_page,
    "results-page": results_page,
    "member-list": member_list,
    "today-five-years": school_pages,
    "node-start": node_start,
}


def main(names: list[str]) -> int:
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(
            f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}.", file=sys.stderr
        )
        return 2
    for name, benchmark in BENCHMARKS.items():
        if not names or name in names:
            found = benchmark.run()
            for result in found if isinstance(found, list) else [found]:
                print(json.dumps(result.document()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
