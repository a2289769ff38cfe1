"""Reading a posted form strictly, before anything in it is believed.

Django is lenient where a lenient reading loses or changes what a person wrote: bytes that are not
UTF-8 become U+FFFD, any charset the header names is obeyed, a body that broke off half-way is
read as if it were whole.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, UnreadablePostError
from django.utils.datastructures import MultiValueDict

Fields = MultiValueDict[str, str]

MAX_BYTES: Final = 64 * 1024  # the longest honest form, percent-encoded, needs about 12,000
MAX_FIELDS: Final = 100  # the form has 17
URLENCODED: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"


def read_post(request: HttpRequest) -> Fields:
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
    try:
        text = body.decode("utf-8")
        fields = _from_pairs(text) if request.content_type == URLENCODED else _from_parts(request)
    except UnicodeDecodeError as error:
        raise BadRequest("The form contains bytes that are not text.") from error
    if sum(len(values) for _, values in fields.lists()) > MAX_FIELDS:
        raise TooManyFieldsSent("The form has more fields than ours.")
    return fields


def _from_pairs(text: str) -> Fields:
    """Raises :exc:`UnicodeDecodeError` for percent-encoded bytes that are not UTF-8."""
    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, errors="strict"):
        fields.setdefault(name, []).append(value)
    return MultiValueDict(fields)


def _from_parts(request: HttpRequest) -> Fields:
    if len(request.FILES) > 0:
        raise BadRequest("This form takes no files.")
    return request.POST


def _refuse_incomplete(request: HttpRequest, body: bytes, announced: int) -> None:
    boundary = (request.content_params or {}).get("boundary", "")
    is_cut_off = len(body) < announced or (
        request.content_type == MULTIPART
        and not body.rstrip().endswith(f"--{boundary}--".encode("ascii", "replace"))
    )
    if is_cut_off:
        raise BadRequest("The form broke off on its way to us.")
