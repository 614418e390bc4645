"""A model's folder from the Hugging Face Hub."""

from pathlib import Path

from huggingface_hub import errors, hf_hub_download, snapshot_download

from attention.language.errors import CheckpointError
from attention.language.quiet import quiet

# Weights as safetensors, config, tokenizer; nothing that could be run, nothing in folders below.
WANTED = ("*.safetensors", "*.json", "*.txt", "*.model", "*.jinja")
UNWANTED = ("*/*", "consolidated*", "training_args*")


def download(hub_id: str) -> Path:
    """The folder of a checkpoint in the Hub's own cache, fetched where it is not there yet.

    Args:
        hub_id: checked by :func:`attention.language.folder.is_hub_id`.

    Raises:
        CheckpointError: there is no such model, it wants a login, or the Hub cannot be reached.
    """
    with quiet():
        try:
            hf_hub_download(hub_id, "config.json")  # small: says at once whether there is a model
            return Path(snapshot_download(hub_id, allow_patterns=WANTED, ignore_patterns=UNWANTED))
        except errors.GatedRepoError:
            reason = "wants its licence accepted: log in with huggingface-cli login first"
        except errors.RepositoryNotFoundError:
            reason = "does not exist there, or is private"
        except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled, ConnectionError):
            reason = "is not on this machine, and the Hub cannot be reached"
        except errors.EntryNotFoundError:
            reason = "holds no config.json"
        except errors.HfHubHTTPError as error:
            reason = f"could not be fetched: the Hub answered {error.response.status_code}"
        except (errors.HTTPError, OSError) as error:
            reason = f"could not be fetched: {type(error).__name__}"
    raise CheckpointError(f"{hub_id} on the Hub {reason}.")
