"""A trust chain as spid-cie-oidc finds it: `SUBJECT ANCHOR` in, one JSON line out. Runs in an environment of its own."""

import json
import sys

from django.conf import settings

settings.configure()

from spid_cie_oidc.entity.trust_chain import TrustChainBuilder  # noqa: E402 - reads the settings when imported


def main(subject: str, anchor: str) -> None:
    builder = TrustChainBuilder(subject, anchor)
    builder.start()
    answer = {
        "is_valid": builder.is_valid,
        "trust_path": [configuration.sub for configuration in builder.trust_path],
        "expires": builder.exp,
        "metadata": builder.final_metadata,
        "algorithms": [configuration.header["alg"] for configuration in builder.trust_path],
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
