"""A model's folder from the Hugging Face Hub."""

from pathlib import Path

from huggingface_hub import (
    HfApi,
    errors,
    get_session,
    hf_hub_download,
    hf_hub_url,
    snapshot_download,
)
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status

from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.folder import ADAPTER, read_config, refuse_pickled
from attention.models.huggingface.foreign import refuse_foreign_code
from attention.models.huggingface.quiet import quiet
from attention.sentence import Sentence

# Weights as safetensors, config, tokenizer; nothing that could be run, nothing in folders below.
WANTED = ["*.safetensors", "*.json", "*.txt", "*.model", "*.jinja"]
UNWANTED = ["*/*", "consolidated*", "training_args*"]
TIMEOUT = 10  # seconds without an answer


def download(hub_id: str) -> Path:
    """The folder of a checkpoint in the Hub's own cache, fetched where it is not there yet.

    Args:
        hub_id: checked by :func:`attention.models.huggingface.folder.is_hub_id`.

    Raises:
        CheckpointError: there is no such model, it wants a login, or the Hub cannot be reached.
    """
    with quiet():
        try:
            config = _config_there(hub_id)
            if config is not None:
                _check_before_download(hub_id, config)
            return Path(
                snapshot_download(
                    hub_id,
                    local_files_only=config is None,
                    allow_patterns=WANTED,
                    ignore_patterns=UNWANTED,
                )
            )
        except errors.GatedRepoError:
            reason = Sentence(
                "wants its licence accepted: do so there, and log in with hf auth login"
            )
        except errors.RepositoryNotFoundError:
            reason = Sentence("does not exist there, or is private")
        except errors.LocalEntryNotFoundError:
            reason = Sentence("is not on this machine, and the Hub cannot be reached")
        except errors.EntryNotFoundError:
            reason = Sentence("holds no config.json")
        except errors.HfHubHTTPError as error:
            reason = Sentence(
                "could not be fetched: the Hub answered {status_code}",
                status_code=error.response.status_code,
            )
        except errors.HTTPError:
            reason = Sentence("could not be fetched: the connection broke off")
        except OSError as error:
            reason = Sentence(
                "could not be written: {value}", value=error.strerror or type(error).__name__
            )
    raise CheckpointError("{hub_id} on the Hub {reason}.", hub_id=hub_id, reason=reason)


def _check_before_download(hub_id: str, config: str) -> None:
    """Refuse by its small files what would be refused once gigabytes are here."""
    if config != ADAPTER:
        refuse_foreign_code(read_config(Path(hf_hub_download(hub_id, config))))
    names = [name for name in HfApi().list_repo_files(hub_id) if "/" not in name]
    if not any(name.endswith(".safetensors") for name in names):
        refuse_pickled(names)
        raise CheckpointError("{hub_id} on the Hub holds no safetensors.", hub_id=hub_id)


def _config_there(hub_id: str) -> str | None:
    """The config that the Hub has of a model, or else of an adapter; None where it is silent.

    Raises:
        HfHubHTTPError: there is no such model, or neither config in it.
    """
    try:
        return _asked(hub_id, "config.json")
    except errors.EntryNotFoundError as error:
        try:
            return _asked(hub_id, ADAPTER)
        except errors.EntryNotFoundError:
            raise error from None


def _asked(hub_id: str, name: str) -> str | None:
    """``name`` where the Hub has such a file; None where it cannot be asked.

    One request: the client's own way asks six times over 23 seconds before it gives up.
    """
    try:
        answer = get_session().head(
            hf_hub_url(hub_id, name),
            headers=build_hf_headers(),
            timeout=TIMEOUT,
            follow_redirects=True,
        )
    except (errors.HTTPError, errors.OfflineModeIsEnabled):
        return None
    hf_raise_for_status(answer)
    return name
