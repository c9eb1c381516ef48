"""Checkpoints from the Hugging Face Hub, for `hub:NAME`: the only place of the inspector that asks the network."""

from pathlib import Path

from babybert_tui.errors import RequestError
from babybert_tui.sanitise import sanitise

PREFIX = "hub:"
_WEIGHTS, _INDEX_OF_SHARDS = "model.safetensors", "model.safetensors.index.json"
_FILES = ["config.json", _WEIGHTS, _INDEX_OF_SHARDS, "tokenizer.json", "tokenizer_config.json", "vocab.txt"]
_SHARDS, _OLDER_WEIGHTS = "model-*.safetensors", "pytorch_model.bin"


def fetch_from_hub(name: str) -> Path:
    """Downloads a model repository's BERT files, or finds them in the local cache; returns their directory.

    Raises:
        RequestError: There is no such repository, or no network and no copy in the cache.
    """
    # Takes long to import, and few need it.
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    shown = sanitise(name)
    try:
        return _download(name)
    except HFValidationError:
        raise RequestError(f'hub: "{shown}" is no name of a model.', "Write hub:OWNER/NAME.") from None
    except LocalEntryNotFoundError:
        raise RequestError(f"hub:{shown} is not on this machine, and the Hub cannot be reached.") from None
    except (HfHubHTTPError, OSError) as error:
        reason = sanitise(str(error).strip().split("\n")[0])
        raise RequestError(f"hub:{shown} cannot be fetched: {reason[:200]}") from None


def _download(name: str) -> Path:
    from huggingface_hub import snapshot_download

    directory = Path(snapshot_download(name, allow_patterns=_FILES))
    if (directory / _WEIGHTS).exists():
        return directory
    more = _SHARDS if (directory / _INDEX_OF_SHARDS).exists() else _OLDER_WEIGHTS
    return Path(snapshot_download(name, allow_patterns=[*_FILES, more]))
