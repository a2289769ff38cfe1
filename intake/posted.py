"""Reading a posted form strictly, before anything in it is believed.

Django is lenient where a lenient reading loses or changes what a person wrote: bytes that are not
UTF-8 become U+FFFD, any charset the header names is obeyed, a body that broke off half-way is
read as if it were whole.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, QueryDict, UnreadablePostError

MAX_BYTES: Final = 64 * 1024  # the longest honest form, percent-encoded, needs about 12,000
MAX_FIELDS: Final = 100  # the form has 17
URLENCODED: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"


def read_post(request: HttpRequest) -> QueryDict:
    """The fields of a posted form.

    Raises :exc:`RequestDataTooBig`, :exc:`TooManyFieldsSent`, :exc:`BadRequest` or Django's
    ``MultiPartParserError``; each is answered by an error page, and nothing is stored.
    """
    if request.content_type not in {URLENCODED, MULTIPART}:
        raise BadRequest("This form can only be sent by a browser, as a form.")
    charset = (request.content_params or {}).get("charset", "utf-8")
    if charset.strip("\"' ").lower() not in {"utf-8", "utf8"}:
        raise BadRequest("The form must be sent as UTF-8 text.")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal():
        raise BadRequest("The form does not say how long it is.")
    announced = int(length)
    if announced > MAX_BYTES:
        raise RequestDataTooBig("The form is larger than it can honestly be.")
    try:
        body = request.body
    except UnreadablePostError as error:
        raise BadRequest("The form broke off on its way to us.") from error
    _refuse_incomplete(request, body, announced)
    _refuse_other_bytes(request, body)
    if len(request.FILES) > 0:
        raise BadRequest("This form takes no files.")
    if sum(len(values) for _, values in request.POST.lists()) > MAX_FIELDS:
        raise TooManyFieldsSent("The form has more fields than ours.")
    return request.POST


def _refuse_incomplete(request: HttpRequest, body: bytes, announced: int) -> None:
    boundary = (request.content_params or {}).get("boundary", "")
    is_cut_off = len(body) < announced or (
        request.content_type == MULTIPART
        and not body.rstrip().endswith(f"--{boundary}--".encode("ascii", "replace"))
    )
    if is_cut_off:
        raise BadRequest("The form broke off on its way to us.")


def _refuse_other_bytes(request: HttpRequest, body: bytes) -> None:
    """Refuse bytes that are not UTF-8, percent-encoded ones too."""
    raw = unquote_to_bytes(body.replace(b"+", b" ")) if request.content_type == URLENCODED else body
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest("The form contains bytes that are not text.") from error
