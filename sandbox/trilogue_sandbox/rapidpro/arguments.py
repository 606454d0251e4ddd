"""Objects that arguments of the control plane name."""

from __future__ import annotations

from trilogue_sandbox.kernel.fields import Fields
from trilogue_sandbox.kernel.platform import ControlError
from trilogue_sandbox.kernel.table import Row, Table
from trilogue_sandbox.rapidpro import urns
from trilogue_sandbox.rapidpro.context import WorkspaceContext
from trilogue_sandbox.rapidpro.references import find_contact, uuid_or_name_lookup
from trilogue_sandbox.rapidpro.tables import CHANNELS


def named_contact(context: WorkspaceContext, arguments: Fields) -> Row:
    """Return the contact that the argument `contact` names by UUID or URN.

    Raises:
        ControlError: there is none.
    """
    contact = find_contact(context, arguments.string("contact"))
    if contact is None:
        raise ControlError("`contact`: there is no contact with this UUID or URN", "contact")
    return contact


def named_urn(context: WorkspaceContext, arguments: Fields, name: str = "urn") -> urns.Urn:
    """Return the URN that an argument is.

    Raises:
        ControlError: it is no URN.
    """
    urn = urns.parse(arguments.string(name), context.workspace.country)
    if urn is None:
        raise ControlError(f"`{name}` is not a URN such as tel:+250788123123", name)
    return urn


def named_row(context: WorkspaceContext, arguments: Fields, name: str, table: Table) -> Row:
    """Return the active row of a table that an argument names by UUID or name.

    Raises:
        ControlError: there is none.
    """
    row = uuid_or_name_lookup(table)(context, arguments.string(name))
    if row is None:
        what = table.name.removeprefix("rapidpro_")
        raise ControlError(f"`{name}`: there is no row of {what} with this UUID or name", name)
    return row


def channel_for(context: WorkspaceContext, arguments: Fields, scheme: str) -> Row:
    """Return the channel that the argument `channel` names, or else one that reaches URNs of a scheme.

    Raises:
        ControlError: there is none.
    """
    if "channel" in arguments:
        return named_row(context, arguments, "channel", CHANNELS)
    reaching = "EXISTS (SELECT 1 FROM json_each(item.schemes) WHERE value = ?)"
    channel = context.select(CHANNELS, is_active=True).where(reaching, scheme).first("ORDER BY item.id")
    if channel is None:
        raise ControlError(f"`urn`: no channel of this workspace reaches URNs of the scheme {scheme}", "urn")
    return channel
