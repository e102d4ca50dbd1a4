"""What the command loads before it knows what is asked."""

import subprocess
import sys

import pytest

#: Libraries that take longer to load than the whole of the command line.
_HEAVY = (
    "sqlalchemy",
    "alembic",
    "chromadb",
    "numpy",
    "scipy",
    "bm25s",
    "openai",
    "langchain_core",
    "gradio",
    "docx",
    "lxml",
    "PIL",
    "phonenumbers",
)


@pytest.mark.parametrize(
    "asked", [("--help",), ("--version",), ("batch", "--help"), ("rubrics", "list", "--help")]
)
def test_asking_for_help_loads_no_library_of_the_work_itself(asked: tuple[str, ...]) -> None:
    code = (
        "import sys\n"
        "from assistant.cli import main\n"
        f"sys.argv = ['preuve', *{asked!r}]\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        f"loaded = [name for name in {_HEAVY!r} if name in sys.modules]\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
