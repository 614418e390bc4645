"""The config.json of a model on the Hugging Face Hub, and nothing else of it."""

from huggingface_hub import errors, get_session, hf_hub_url
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status

from attention.sentence import Sentence

TIMEOUT = 10  # seconds without an answer


def config_text(hub_id: str, most: int) -> tuple[str, str]:
    """The text, "" and a sentence where there is none.

    Args:
        hub_id: checked by :func:`attention.models.huggingface.folder.is_hub_id`.
        most: bytes that are read at most.
    """
    url = hf_hub_url(hub_id, "config.json")
    try:
        with get_session().stream(
            "GET", url, headers=build_hf_headers(), timeout=TIMEOUT, follow_redirects=True
        ) as answer:
            if answer.is_error:
                answer.read()  # what went wrong stands in the body
            hf_raise_for_status(answer)
            data = b""
            for piece in answer.iter_bytes():
                data += piece
                if len(data) > most:
                    return "", Sentence(
                        "The config.json of {hub_id} is larger than {most} bytes.",
                        hub_id=hub_id,
                        most=most,
                    )
        return data.decode("utf-8"), ""
    except errors.GatedRepoError:
        reason = Sentence("wants its licence accepted: paste its config.json instead")
    except errors.RepositoryNotFoundError:
        reason = Sentence("does not exist there, or is private: paste its config.json instead")
    except errors.EntryNotFoundError:
        reason = Sentence("holds no config.json")
    except errors.HfHubHTTPError as error:
        reason = Sentence(
            "could not be fetched: the Hub answered {status_code}",
            status_code=error.response.status_code,
        )
    except (errors.HTTPError, errors.OfflineModeIsEnabled):
        reason = Sentence(
            "could not be fetched: the Hub cannot be reached. Paste its config.json instead"
        )
    except UnicodeDecodeError:
        reason = Sentence("has a config.json that is no text in UTF-8")
    return "", Sentence("{hub_id} on the Hub {reason}.", hub_id=hub_id, reason=reason)
