"""Methods that write to a file what an object points at, as source."""

from __future__ import annotations

from attrs import frozen
from x_sdk import Download, SdkMethod

from .annotations import Annotations, literal
from .docstrings import arguments as arguments_section
from .docstrings import docstring, paragraphs
from .errors import GenerationError
from .examples import Example
from .method import Method
from .naming import method_name
from .parser_internals import snake_case
from .shapes import Object, Shapes, object_in

_TO = (
    "A path, which names the file once it is complete, or a file opened for writing bytes, which is written from where"
    " it stands."
)

_EXAMPLE_TARGET = 'to="content.bin"'


@frozen
class DownloadMethod:
    """One method that downloads: the method that returns the object with the address, and the fields of that."""

    resource: str
    download: Download
    single: Method
    item: Object
    fields: dict[str, str]

    @property
    def name(self) -> str:
        """Return its name."""
        return method_name(self.download.method)

    @property
    def constant(self) -> str:
        """Return the name of its `Download`."""
        return self.name.upper()

    @property
    def constant_type(self) -> str:
        """Return the annotation of its `Download`."""
        return f"Download[m.{self.item.name}]"

    @property
    def source(self) -> str:
        """Return the source of its `Download`."""
        parts = [
            f"name={literal(f'{self.resource}.{self.name}')}",
            *(() if self.single.is_list else (f"lookup={self.single.constant}",)),
            *(f"{role}={literal(name)}" for role, name in self.fields.items()),
            *((f"algorithm={literal(self.download.algorithm)}",) if self.download.algorithm else ()),
        ]
        return f"Download({', '.join(parts)})"

    @property
    def object(self) -> str:
        """Return the source of the object, or of the mapping of arguments that it is looked up by."""
        return self._noun if self.single.is_list else self.single.values()

    @property
    def _noun(self) -> str:
        return snake_case(self.item.name)

    def signature(self, annotations: Annotations) -> str:
        """Return the source of the arguments: those of the look-up, or the object."""
        if self.single.is_list:
            return f"self, {self._noun}: {self.returned(annotations)}, *, to: DownloadTarget"
        own = self.single.signature(annotations)
        return f"{own}{'' if '*, ' in own else ', *'}, to: DownloadTarget"

    def returned(self, annotations: Annotations) -> str:
        """Return the annotation of the result."""
        return annotations.of(self.item, "response")

    def docstring(self, *, is_async: bool) -> str:
        """Return the docstring."""
        noun = self._noun.replace("_", " ")
        texts = [(each.name, each.text) for each in self.single.given]
        source = [(self._noun, f"The {noun}, as the list has it; its address may be valid for a while only.")]
        returned = f"the {noun}" if self.single.is_list else f"what `{self.single.name}` returns"
        checked = " and ".join(f"its {role}" for role in ("size", "digest") if role in self.fields)
        check = f"It is checked against {checked}. " if checked else ""
        return docstring(
            paragraphs(
                f"Download the content to a file, and return {returned}.",
                "The content is written as it arrives, whatever its size, and read again from the start where it breaks"
                f" off. {check}It comes from `{self.fields['url']}`, to which no credentials are sent.",
                arguments_section([*(source if self.single.is_list else texts), ("to", _TO)]),
                "Raises:\n    InvalidArgument: there is no content (yet), or `to` cannot be written.\n"
                "    ConnectionFailed: the content did not arrive complete.",
            ),
            8,
            code=self._example().code(is_async=is_async),
        )

    def _example(self) -> Example:
        path = f"client.{self.resource}.{self.name}"
        if self.single.is_list:
            first = Example(self._noun, f"client.{self.resource}.{self.single.name}().first", ())
            return Example("", path, (self._noun, _EXAMPLE_TARGET), before=first)
        own = self.single.example.arguments if self.single.example else ()
        return Example(self._noun, path, (*own, _EXAMPLE_TARGET))


def download_method(sdk: SdkMethod, download: Download, single: Method, shapes: Shapes) -> DownloadMethod:
    """Return the method that downloads what another returns.

    Raises:
        GenerationError: `download` in x-sdk names a field that there is not.
    """
    item = object_in(single.result.rows or single.result.shape)
    named = {role: getattr(download, role) for role in ("url", "size", "digest") if getattr(download, role)}
    known = {field.wire: field.python for field in shapes.fields(item.name)} if item else {}
    if item is None or not known.keys() >= {*named.values()}:
        raise GenerationError(
            f"x-sdk of `{sdk.resource}.{sdk.name}`: `download` names {', '.join(named.values())}, which must be fields"
            " of the result, or of the rows of a list"
        )
    return DownloadMethod(sdk.resource, download, single, item, {role: known[name] for role, name in named.items()})
