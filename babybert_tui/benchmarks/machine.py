"""What the figures were measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import torch

_CPUINFO = Path("/proc/cpuinfo")
_LIMITS = ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")


def machine_facts() -> dict[str, object]:
    """The processor, its instructions as torch uses them, threads, versions, and how busy the machine is."""
    return {
        "processor": processor_name(),
        "cores": os.cpu_count(),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "limited_by": {name: os.environ[name] for name in _LIMITS if name in os.environ},
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": version("transformers"),
        "tokenizers": version("tokenizers"),
    }


def processor_name() -> str:
    """As the system calls it."""
    try:
        lines = _CPUINFO.read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
