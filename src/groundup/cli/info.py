"""groundup info: what the speed and the last bits of a result depend on."""

from typing import Any

from groundup.cli.options import Json, Threads, threads


def info(threads_: Threads = None, json: Json = False) -> None:
    """Show versions, processor, linear algebra, threads and folders.

    \b
    Example:
      groundup info --json
    """
    import os

    from groundup.cli.output import facts, show, show_json
    from groundup.storage import cache_folder
    from groundup.train.environment import environment

    with threads(threads_):
        values = environment()
    values["cache"] = str(cache_folder())
    values["data"] = os.environ.get("GROUNDUP_DATA")
    if json:
        show_json(values)
    else:
        show(facts(_in_words(values)))


def _in_words(values: dict[str, Any]) -> dict[str, str]:
    packages = {name: version or "missing" for name, version in values["packages"].items()}
    blas = [
        f"{one['library']} {one['version']}, {one['core']} kernels, {one['threads']} threads"
        for one in values["blas"]
    ]
    return {
        "groundup": packages.pop("groundup"),
        "python": values["python"],
        "packages": ", ".join(f"{name} {version}" for name, version in packages.items()),
        "system": f"{values['system']}, {values['machine']}",
        "processor": f"{values['cpu']}, {values['cores']} cores",
        "vectors": ", ".join(values["cpu_features"]) or "unknown",
        "kernels": ", ".join(f"{name} {value}" for name, value in values["kernels"].items()),
        "strict": "yes" if values["strict"] else "no (GROUNDUP_STRICT is not 1)",
        "blas": "\n".join(blas) or "none that can be asked",
        "cache": values["cache"],
        "data": values["data"] or "(GROUNDUP_DATA is not set)",
    }
