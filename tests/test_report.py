"""test_report.py - the report page in a real browser, and its modules: the tests in web/tests, run by node."""
import os
import re
import shutil
import subprocess

import pytest

from conftest import MAP, SOURCE, plant, run

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
WEB = SOURCE / "web"


@pytest.fixture(scope="module")
def built():
    """The page and the packages its tests need."""
    if not shutil.which("npm"):
        pytest.skip("no npm: tools/setup installs it")
    subprocess.run([str(SOURCE / "tools" / "build-web"), "packages"], check=True)
    return WEB / "dist" / "report.html"


def node(name, timeout=900, **environment):
    """Runs one file of tests; every one of them must pass, and there must be some."""
    done = subprocess.run(["node", "--test", "--test-reporter=tap", f"tests/{name}.test.mjs"], cwd=WEB, timeout=timeout,
                          env={**os.environ, **environment},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print("\n".join(line for line in done.stdout.splitlines() if " ms" in line and line.startswith("#")))
    assert done.returncode == 0, done.stdout[-6000:]
    passed = re.search(r"^# pass (\d+)$", done.stdout, re.M)
    assert passed and int(passed.group(1)) > 0, done.stdout[-2000:]


def test_the_page_is_one_small_file(built):
    page = built.read_text(encoding="utf-8")
    assert len(page) < 600_000
    assert page.count('<script id="data" type="application/json">/*LOCKSTEP-DATA*/</script>') == 1
    assert not re.search(r"<(?:link|img|iframe|script)[^>]+(?:src|href)=", page)
    assert "default-src 'none'" in page.split("</head>")[0]


def test_the_lock_file_names_no_host_and_checks_every_package():
    lock = (WEB / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') == len(re.findall(r'^    "node_modules/', lock, re.M))


def test_words(built):
    node("unit/words")


@pytest.mark.parametrize("name", ["report", "layout", "hostile", "large"])
def test_in_the_browser(built, name):
    if not os.path.exists(CHROMIUM):
        pytest.skip(f"no {CHROMIUM}: tools/setup test installs it")
    node(name)


def test_the_page_that_the_command_writes(built, tmp_path):
    if not os.path.exists(CHROMIUM):
        pytest.skip(f"no {CHROMIUM}: tools/setup test installs it")
    plant(tmp_path / "posts.csv")
    result = run("investigate", tmp_path / "posts.csv", "--map", MAP, "-o", tmp_path / "case", "--json").json
    report = tmp_path / "case" / "runs" / result["run"] / "report.html"
    if 'id="app"' not in report.read_text(encoding="utf-8"):
        pytest.skip("this copy was built without its report page")
    node("written", REPORT=str(report))
    for recipient in ("researcher", "public"):  # less to show, and nothing to mend
        run("report", tmp_path / "case", "--for", recipient, "--into", tmp_path / recipient, "--html", "-q")
        node("written", REPORT=str(tmp_path / recipient / "report.html"))
