from odoo.addons.dropship_link.hooks import add_columns


def migrate(cr, version):
    """Add the columns that are new, so that the ORM does not compute them for all."""
    if version:
        add_columns(cr)
