"""Background work after an import: the labels that came along are counted, also where the loop does not run."""

from typing import Any

from meguri.formats.service import READ_LABELS
from meguri.labelling import service as labelling
from meguri.quality import service as quality
from meguri.storage import jobs


@jobs.handler(READ_LABELS)
def read_labels(run: jobs.Run) -> dict[str, Any]:
    """Bring the consensus of a project up to date; running it again changes nothing."""
    with run.store.database.begin() as tx:
        project = labelling.project(tx, run.args["project"])
        return {"items": quality.aggregate(tx, project)}
