"""Serves every stand-in on one loopback port.

usage: serve.py [PORT]; prints `ready PORT` once it answers. The base of a provider is http://127.0.0.1:PORT/<name>.
"""
import importlib, pathlib, sys

import standin


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    server = standin.Server(("127.0.0.1", port), standin.Door)
    base = f"http://127.0.0.1:{server.server_port}"
    for file in sorted(pathlib.Path(__file__).parent.glob("*.py")):
        if file.stem in ("standin", "serve"): continue
        module = importlib.import_module(file.stem)
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, standin.StandIn) and kind.__module__ == file.stem:
                standin.Door.stands[kind.name] = kind(f"{base}/{kind.name}")
    print(f"ready {server.server_port}", flush=True)
    server.serve_forever()


main()
