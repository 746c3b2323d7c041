"""Results for Gradescope: a folder to zip and upload as the autograder of an assignment.

Gradescope runs an autograder itself and reads the results.json that this leaves; it takes no
results from elsewhere. So ours runs nothing of the students: it looks up who handed in and puts
the result that was made at home into its place.
"""

import json

from gmmtutor.grading import feedback
from gmmtutor.grading.personal import normal_id
from gmmtutor.grading.submission import file_name

SETUP = "#!/bin/sh\napt-get update && apt-get install -y python3\n"
RUN = '''#!/usr/bin/env python3
"""Put the result of whoever handed in where Gradescope looks for it. It runs no submission."""

import json
import sys
import unicodedata
from pathlib import Path

HOME = Path(sys.argv[1] if len(sys.argv) > 1 else "/autograder")


def normal(name):
    text = unicodedata.normalize("NFC", name)
    return " ".join(text.replace("_", " ").lower().split())


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


index = read(HOME / "source" / "students.json")
users = read(HOME / "submission_metadata.json")["users"]
words = [str(user.get(key) or "") for user in users for key in ("name", "email")]
words += [word.partition("@")[0] for word in words if "@" in word]
found = next((index[normal(word)] for word in words if normal(word) in index), None)
if found is None:
    result = {"score": 0, "output": "Received. It is not graded yet.", "tests": []}
else:
    result = read(HOME / "source" / found / "results.json")
(HOME / "results").mkdir(exist_ok=True)
(HOME / "results" / "results.json").write_text(json.dumps(result), encoding="utf-8")
'''


def write(results, folder):
    """Write the folder: results.json of each student, and the two files that Gradescope runs.

    Parameters
    ----------
    results : list of dict
    folder : Path
    """
    folder.mkdir(parents=True, exist_ok=True)
    index = {}
    for result in results:
        name = file_name(result["student"])
        index[normal_id(result["student"])] = name
        (folder / name).mkdir(exist_ok=True)
        text = json.dumps(of_student(result), indent=1)
        (folder / name / "results.json").write_text(text, encoding="utf-8")
    files = {"students.json": json.dumps(index, indent=1)}
    files |= {"setup.sh": SETUP, "run_autograder": RUN}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        (folder / name).chmod(0o755)


def of_student(result):
    """Return a result in the form that Gradescope reads."""
    tests = [
        {
            "name": f"{feedback.called(check['title'])} {check['about']}",
            "score": check["earned"],
            "max_score": check["points"],
            "output": feedback.told(check),
            "output_format": "text",
        }
        for check in result["checks"]
    ]
    return {
        "score": result["score"],
        "output": "\n".join(result["troubles"]) or feedback.summary(result),
        "output_format": "text",
        "tests": tests,
    }
