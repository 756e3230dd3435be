from odoo.api import SUPERUSER_ID, Environment

from odoo.addons.dropship_link_mrp.hooks import pre_init_hook


def migrate(cr, version):
    """Kits were refused before: no line has a composition."""
    pre_init_hook(Environment(cr, SUPERUSER_ID, {}))
