"""A server that answers as AWS does, for the tests of live scans.

moto answers EC2, IAM, STS and KMS; EKS, paging, faults and the record of calls are ours. The server is filled before
its one line on standard output says where it listens, and it ends when its standard input does.

    python tests/moto/server.py --seed tests
    python tests/moto/server.py --seed fleet:100 --latency-ms 50
"""

import argparse
import os
import sys
import threading

# The order of moto's sets shows in some answers; only a fixed seed makes them the same in every run.
if os.environ.get("PYTHONHASHSEED") != "0":
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})

# MOTO_ACCOUNT_ID would put every account into one; a header of each request says whose it is.
os.environ.pop("MOTO_ACCOUNT_ID", None)
os.environ.update(
    MOTO_IAM_LOAD_MANAGED_POLICIES="true",
    MOTO_EC2_LOAD_DEFAULT_AMIS="false",
)

from moto.moto_server.werkzeug_app import MotoRequestHandler  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

import seed  # noqa: E402
from eks_api import Eks  # noqa: E402
from front import Front  # noqa: E402

AWS_PAGE, SMALL_PAGE = 100, 3


class Quiet(MotoRequestHandler):
    """Handles requests without writing a log."""

    def log(self, *_):
        pass


def arguments():
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", default="tests", help="tests, docs, or fleet:N for N clusters")
    parser.add_argument("--page-size", type=int, help="items on a page; 3, or 100 for a fleet")
    parser.add_argument("--latency-ms", type=float, default=0, help="how long every call takes longer")
    return parser.parse_args()


def main():
    """Fills the server, serves, and ends with its parent."""
    ready, sys.stdout = sys.stdout, sys.stderr
    options = arguments()
    size = options.page_size or (AWS_PAGE if options.seed.startswith("fleet") else SMALL_PAGE)
    front = Front(Eks(size), size, options.latency_ms / 1000)
    seed.fill(front, options.seed)
    server = make_server("127.0.0.1", 0, front, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"listening on http://127.0.0.1:{server.server_port}", file=ready, flush=True)
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
