"""`python -m bench.load.serve FOLDER PORT [DATABASE_URL]`: the server as it is shipped."""

import sys
from pathlib import Path

from bench.load.seed import config_at
from meguri.api.serve import serve

serve(config_at(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""))
