"""Where and how to compute: device, precision, threads."""

import os
from dataclasses import dataclass

import torch

from babybert_tui.errors import RequestError
from babybert_tui.settings import Settings

_WITHOUT_BF16 = ("DEFAULT", "NO AVX", "AVX2")


@dataclass(frozen=True)
class Machine:
    """Where and how a session computes."""

    device: torch.device
    precision: str  # "fp32" or "bf16"
    threads: int


def machine_for(settings: Settings) -> Machine:
    """Where and how a run with these settings computes here. Raises RequestError where it cannot."""
    device = device_for(settings)
    return Machine(device, precision_for(settings, device), threads_for(settings))


def device_for(settings: Settings) -> torch.device:
    """The device that the settings name, or the best there is. Raises RequestError where it is not there."""
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if settings.device == "auto":
        return torch.device("cuda" if available["cuda"] else "cpu")
    if not available[settings.device]:
        raise RequestError(f"device {settings.device} is not available on this machine.", "Use --device auto.")
    return torch.device(settings.device)


def has_bf16(device: torch.device) -> bool:
    """Whether matrix products in bf16 are faster there: by capability, not by timing, or two runs would differ."""
    if device.type == "cpu":
        cpu = torch.cpu
        if torch.backends.cpu.get_cpu_capability() in _WITHOUT_BF16:
            return False  # what the processor has is then not used: ATEN_CPU_CAPABILITY says so
        return bool(cpu._is_avx512_bf16_supported() or cpu._is_amx_tile_supported())  # noqa: SLF001 - no public way
    return device.type == "cuda" and torch.cuda.is_bf16_supported()


def precision_for(settings: Settings, device: torch.device) -> str:
    """The precision to compute in, "fp32" or "bf16"."""
    if settings.precision == "auto":
        return "bf16" if has_bf16(device) else "fp32"
    return settings.precision


def threads_for(settings: Settings) -> int:
    """Threads to compute with: one for each core that this process may use."""
    if settings.threads is not None:
        return settings.threads
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
