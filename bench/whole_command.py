"""whole_command.py - `lockstep coaction` from file to edges: time, memory, and the same bytes

    whole_command.py [--events N,N] [--memory 2G,...] [--keep FOLDER] [-- OPTIONS]

Makes a seeded month of events as CSV (events_csv, gen_events.h), runs the command by default and
within each memory limit, and compares the edges byte by byte. Prints wall and CPU seconds, peak
resident memory, the most that lay in temporary files, and the seconds of each stage as its
progress tells them. 1 and 10 million events by default; 100 million take 6 GB of disk for the
input and some more for the edges."""
import argparse
import filecmp
import os
import pathlib
import pty
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
STAGE = re.compile(rb"\r\x1b\[K(\w+) ")


def spilled(pid):
    """Bytes of the unnamed files that the process holds open."""
    total = 0
    try:
        for fd in os.listdir(f"/proc/{pid}/fd"):
            path = f"/proc/{pid}/fd/{fd}"
            if "(deleted)" in os.readlink(path):
                total += os.stat(path).st_size
    except OSError:
        pass
    return total


def measure(command):
    """Runs it on a terminal of its own, so that it tells its progress."""
    master, slave = pty.openpty()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.time()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    stages, most, last = {}, [0], [None, start]

    def watch():
        while process.poll() is None:
            most[0] = max(most[0], spilled(process.pid))
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    told = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        told += piece
        for found in STAGE.findall(piece):
            now = time.time()
            if found != last[0]:
                if last[0]:
                    stages[last[0].decode()] = stages.get(last[0].decode(), 0) + now - last[1]
                last[:] = [found, now]
    process.wait()
    watcher.join()
    os.close(master)
    now = time.time()
    if last[0]:
        stages[last[0].decode()] = stages.get(last[0].decode(), 0) + now - last[1]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        sys.exit(f"{command}: exit {process.returncode}\n{told[-2000:].decode(errors='replace')}")
    return {"wall": now - start, "stages": stages, "spilled": most[0],
            "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            "notices": [line.strip() for line in told.decode(errors="replace").split("\r\x1b[K")
                        if line.startswith("lockstep: ")]}


def peak_of(command):
    """(measurements, peak resident bytes): each run has a child of its own for its rusage."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        found = measure(command)
        found["peak"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        os.write(write, repr(found).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    if os.waitpid(child, 0)[1] or not text:
        sys.exit(1)
    return eval(text)  # our own repr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", default="1000000,10000000")
    parser.add_argument("--memory", default="2G")
    parser.add_argument("--viral", default="0")
    parser.add_argument("--keep")
    parser.add_argument("options", nargs="*", default=[])
    arguments = parser.parse_args()
    options = arguments.options or ["--min-objects", "2"]
    with tempfile.TemporaryDirectory(dir=arguments.keep or "/tmp") as folder:
        folder = pathlib.Path(folder)
        for count in map(int, arguments.events.split(",")):
            source = folder / "events.csv"
            with open(source, "wb") as file:
                subprocess.run([ROOT / "build/bench/events_csv", "--events", str(count), "--viral",
                                arguments.viral, "--viral-days", "1"], stdout=file, check=True)
            first = None
            for memory in [None, *arguments.memory.split(",")]:
                edges = folder / ("edges.csv" if memory is None else "limited.csv")
                limit = ["--memory", memory] if memory else []
                found = peak_of([str(ROOT / "build/lockstep"), "coaction", "--input", str(source),
                                 "--edges", str(edges), *options, *limit])
                same = ""
                if first is None:
                    first = edges
                else:
                    if not filecmp.cmp(first, edges, shallow=False):
                        sys.exit(f"{memory}: other edges")
                    same = ", the same bytes"
                    edges.unlink()
                stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in
                                   found["stages"].items())
                print(f"{count:>10} events ({source.stat().st_size / 1e6:.0f} MB), "
                      f"{'default' if memory is None else memory:>7}: {found['wall']:.1f} s, "
                      f"CPU {found['cpu']:.1f} s, peak {found['peak'] / 1e9:.2f} GB, on disk "
                      f"{found['spilled'] / 1e9:.2f} GB, edges {first.stat().st_size / 1e6:.0f} MB"
                      f"{same} ({stages})", flush=True)
                for notice in found["notices"]:
                    print("   ", notice)


if __name__ == "__main__":
    main()
