"""Checkpoints from the Hugging Face Hub, for `hub:NAME`: the only place of the inspector that asks the network."""

from pathlib import Path

from babybert_tui.errors import RequestError
from babybert_tui.sanitise import sanitise

PREFIX = "hub:"
_FILES = [
    "config.json",
    "model.safetensors",
    "pytorch_model.bin",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
]


def fetch_from_hub(name: str) -> Path:
    """Downloads a model repository's BERT files, or finds them in the local cache; returns their directory.

    Raises:
        RequestError: There is no such repository, or no network and no copy in the cache.
    """
    from huggingface_hub import snapshot_download  # half a second that nobody else should wait for
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    shown = sanitise(name)
    try:
        # Where safetensors exist, the older format would be the same weights again.
        return Path(snapshot_download(name, allow_patterns=_FILES))
    except HFValidationError:
        raise RequestError(f'hub: "{shown}" is no name of a model.', "Write hub:OWNER/NAME.") from None
    except LocalEntryNotFoundError:
        raise RequestError(f"hub:{shown} is not on this machine, and the Hub cannot be reached.") from None
    except (HfHubHTTPError, OSError) as error:
        reason = sanitise(str(error).strip().split("\n")[0])
        raise RequestError(f"hub:{shown} cannot be fetched: {reason[:200]}") from None
