"""The official Python SDKs of the providers, pointed at our stand-ins: what they accept and understand, ours may too.

usage: sdks.py [--venv DIR] [NAME...]; each file of sdks/ makes the calls that Atom makes and checks the answers.
"""
import argparse, pathlib, re, subprocess, sys, venv

HERE = pathlib.Path(__file__).parent
PACKAGES = {
    "twilio": ["twilio"], "slack": ["slack-sdk"], "zendesk": ["zenpy"], "openai": ["openai"],
    "anthropic": ["anthropic"], "telegram": ["python-telegram-bot"], "stripe": ["stripe"], "github": ["PyGithub"],
    "google": ["google-api-python-client"], "discord": [], "transcription": ["openai"],
}


def ready(folder):
    """The Python of a virtual environment with all of the packages."""
    python = folder / "bin" / "python"
    if not python.exists(): venv.create(folder, with_pip=True)
    wanted = sorted({name for names in PACKAGES.values() for name in names})
    subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted], check=True)
    return python


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--venv", type=pathlib.Path, default=HERE.parent.parent / ".build" / "sdk-venv")
    options.add_argument("names", nargs="*")
    options = options.parse_args()
    python = ready(options.venv)
    server = subprocess.Popen(
        [sys.executable, HERE.parent / "StandIns" / "serve.py"], stdout=subprocess.PIPE, text=True)
    failed = []
    try:
        port = re.match(r"ready (\d+)", server.stdout.readline())[1]
        for file in sorted((HERE / "sdks").glob("*.py")):
            if options.names and file.stem not in options.names: continue
            # -P: a file here has the name of the package that it imports.
            run = subprocess.run(
                [python, "-P", file, f"http://127.0.0.1:{port}"], capture_output=True, text=True, timeout=120)
            print(f"{file.stem}: {run.stdout.strip().splitlines()[-1] if run.stdout.strip() else ''}", flush=True)
            if run.returncode:
                print(run.stdout, run.stderr, sep="\n")
                failed.append(file.stem)
    finally:
        server.kill()
        server.wait()
    print(f"{len(failed)} failed: {' '.join(failed)}" if failed else "all SDKs agree with the stand-ins")
    sys.exit(bool(failed))


main()
