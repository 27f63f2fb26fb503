"""The Spark convention, by which GeoReport's XML and JSON say the same.

A record is an element for each member; a list is an element that holds one element for each of its
items, named in the singular; what is not known is an empty element.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

from events_api.interchange.xml_text import xml_text

SINGULAR = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "attributes": "attribute",
    "endpoints": "endpoint",
    "formats": "format",
    "notes": "note",
}
"""What the items of each list are called."""


def to_xml(root: str, value: object) -> bytes:
    """Write a record or a list of them as a document with this root."""
    top = etree.Element(root)
    _fill(top, value)
    written: bytes = etree.tostring(top, xml_declaration=True, encoding="UTF-8")
    return written


def records_of(document: bytes, item: str) -> list[dict[str, str | None]]:
    """Return the records of a document, each with the texts of its members; nested ones are left.

    Raises:
        ValueError: It is no XML, or it would have to be fetched from elsewhere to be read.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        top = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"it is no XML: {error}") from error
    # Some servers name a namespace, which the specification allows.
    found = [each for each in top if etree.QName(each).localname == item]
    return [
        {
            etree.QName(member).localname: member.text
            for member in each
            if isinstance(member.tag, str)
        }
        for each in found
    ]


def _fill(element: etree._Element, value: object) -> None:
    if isinstance(value, Mapping):
        for name, each in value.items():
            _fill(etree.SubElement(element, name), each)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            _fill(etree.SubElement(element, SINGULAR[etree.QName(element).localname]), each)
    else:
        element.text = _text(value)


def _text(value: Any) -> str:  # noqa: ANN401 - whatever JSON has
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return xml_text(text)
