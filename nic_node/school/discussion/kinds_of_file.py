"""What a file is, by its content: a closed list, so that nothing that runs in a browser or an office is kept."""

import zipfile
from collections.abc import Callable
from io import BytesIO

from nic_node.errors import InvalidInput
from nic_node.i18n import N_, filled

OFFICE = "application/vnd.openxmlformats-officedocument."
MOST_UNPACKED = 256 * 1024 * 1024
MACROS = "vbaProject.bin"
TAKEN = N_("PDF, PNG, JPEG, Word (.docx), Excel (.xlsx), PowerPoint (.pptx), text and CSV are kept here.")
NEITHER = N_("Its content is none of the kinds that are kept here, whatever its name says. " + TAKEN)
HAS_MACROS = N_("This file brings a program along (macros). Save it without, then attach it.")
TOO_MUCH = N_("This file unpacks to more than any document needs. Save it anew, then attach it.")


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not any(ord(character) < 32 and character not in "\t\r\n\f" for character in text)


def _begins(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(starts)


def _is_office(folder: str) -> Callable[[bytes], bool]:
    def is_it(content: bytes) -> bool:
        return folder in _folders(content)

    return is_it


KINDS: dict[str, tuple[tuple[str, ...], Callable[[bytes], bool]]] = {
    # media type: what a name ends with, whether the content is one
    "application/pdf": ((".pdf",), _begins(b"%PDF-")),
    "image/png": ((".png",), _begins(b"\x89PNG\r\n\x1a\n")),
    "image/jpeg": ((".jpg", ".jpeg"), _begins(b"\xff\xd8\xff")),
    OFFICE + "wordprocessingml.document": ((".docx",), _is_office("word")),
    OFFICE + "spreadsheetml.sheet": ((".xlsx",), _is_office("xl")),
    OFFICE + "presentationml.presentation": ((".pptx",), _is_office("ppt")),
    "text/plain": ((".txt", ".csv", ".md"), _is_text),
}


def media_type_of(name: str, content: bytes) -> str:
    """What the content is.

    Raises:
        InvalidInput: field 'file': none of KINDS, macros, a zip bomb, or a name that says another kind.
    """
    found = next((kind for kind, (_ends, is_one) in KINDS.items() if is_one(content)), None)
    if found is None:
        raise InvalidInput({"file": [NEITHER]})
    ends = KINDS[found][0]
    if not name.lower().endswith(ends):
        says = N_("Its content is {kind}, but its name does not end in {ends}. Mend the name.")
        said = filled(says, kind=ends[0][1:].upper(), ends=", ".join(ends))
        raise InvalidInput({"file": [said]})
    return found


def _folders(content: bytes) -> set[str]:
    """The folders of an office document; none for what is no such document."""
    if not content.startswith(b"PK\x03\x04"):
        return set()
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile:
        return set()
    names = [member.filename for member in members]
    if any(name.endswith(MACROS) for name in names):
        raise InvalidInput({"file": [HAS_MACROS]})
    if sum(member.file_size for member in members) > MOST_UNPACKED:
        raise InvalidInput({"file": [TOO_MUCH]})
    return {name.split("/", 1)[0] for name in names} if "[Content_Types].xml" in names else set()
