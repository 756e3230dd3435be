"""Fill the database of the tests: people, products and partners.

Runs inside ``odoo shell``, once, before the server starts. What a test changes, such
as orders, it makes itself over the external API.
"""

from odoo.fields import Command

from harness.shop import PURCHASE_PRICE, SALES_PRICE

SALES = "sales_team.group_sale_salesman"
PURCHASE = "purchase.group_purchase_user"
# With the fewest rights that their job takes.
ROLES = {
    "sales": [SALES],
    "other_sales": [SALES],
    "buyer": [PURCHASE],
    "other_buyer": [PURCHASE],
    "trader": [SALES, PURCHASE],
    "accountant": ["account.group_account_invoice"],
    # Who only sells can't open an invoice: Odoo's form reads payments.
    "biller": [
        "sales_team.group_sale_salesman_all_leads",
        "account.group_account_invoice",
    ],
    "employee": [],
}


def _users(env):
    """Make the people and an API key for each; the administrator gets one, too."""
    users = {"admin": env.ref("base.user_admin")}
    # Else a first chat opens with the first login, and fills the screen of a phone.
    users["admin"].odoobot_state = "disabled"
    for role, groups in ROLES.items():
        name = role.replace("_", " ").title()
        users[role] = env["res.users"].create(
            {
                "name": f"{name} Person",
                "login": role,
                "password": role,
                "email": f"{role}@company.example.com",
                # Else its chat opens, and fills the screen of a phone.
                "odoobot_state": "disabled",
                "group_ids": [
                    Command.set([env.ref(g).id for g in ("base.group_user", *groups)])
                ],
            }
        )
    keys = env["res.users.apikeys"]
    return {
        role: {
            "id": user.id,
            "login": user.login,
            "password": "admin" if role == "admin" else role,
            "key": keys.with_user(user).sudo()._generate(None, "tests", False),
        }
        for role, user in users.items()
    }


def _partners(env):
    """Make an English and a Dutch vendor, and the country of the customers."""
    country = env.ref("base.us").id
    vendors = {
        "vendor": ("Oak & Pine Furniture", "en_US", "orders@oakpine.example.com"),
        "other_vendor": ("Second Source Ltd", "en_US", "sales@second.example.com"),
        "dutch_vendor": ("Houthandel Jansen", "nl_NL", "verkoop@jansen.example.com"),
    }
    return {
        key: env["res.partner"]
        .create(
            {
                "name": name,
                "is_company": True,
                "lang": lang,
                "email": email,
                "street": "1 Mill Lane",
                "city": "Millville",
                "zip": "10001",
                "country_id": country,
                # From the eleventh bill of a vendor on, Odoo asks about an unusual
                # amount: whether a test sees that dialog would depend on the others.
                "ignore_abnormal_invoice_amount": True,
                "ignore_abnormal_invoice_date": True,
            }
        )
        .id
        for key, (name, lang, email) in vendors.items()
    }


def _products(env, vendors):
    """Make goods of every vendor, of the second one only, and of no vendor."""
    products = {
        "chair": ("Oak Chair", ["vendor", "dutch_vendor"]),
        "desk": ("Pine Desk", ["vendor", "other_vendor", "dutch_vendor"]),
        "lamp": ("Brass Lamp", ["other_vendor"]),
        "stool": ("Elm Stool", []),
    }
    return {
        key: env["product.product"]
        .create(
            {
                "name": name,
                "type": "consu",
                "is_storable": True,
                "invoice_policy": "delivery",
                "list_price": SALES_PRICE,
                "standard_price": 10.0,
                "taxes_id": False,
                "supplier_taxes_id": False,
                "seller_ids": [
                    Command.create(
                        {"partner_id": vendors[vendor], "price": PURCHASE_PRICE}
                    )
                    for vendor in sellers
                ],
            }
        )
        .id
        for key, (name, sellers) in products.items()
    }


def _dutch(env):
    """Install Dutch and translate the subject of the vendor's mail.

    The subject is the tests' own, so they ask for the language of the mail and not for
    one translation of it.
    """
    env["res.lang"]._activate_lang("nl_NL")
    installed = env["ir.module.module"].search([("state", "=", "installed")])
    installed._update_translations(["nl_NL"])
    template = env.ref("dropship_link.email_template_drop_shipment_order")
    template.with_context(lang="nl_NL").subject = "Bestelling {{ object.name }}"


def _readable_pdf(env):
    """Leave the web fonts out of printed documents.

    Some builds of wkhtmltopdf draw them as shapes: the PDF has no text to read back.
    """
    env["ir.asset"].create(
        {
            "name": "No web fonts in reports",
            "bundle": "web.report_assets_common",
            "directive": "remove",
            "path": "web/static/fonts/fonts.scss",
        }
    )


def seed(env, url, smtp_port):
    """Fill the database; return what the tests need to know of it."""
    env = env(context={**env.context, "tracking_disable": True})
    env["ir.config_parameter"].set_param("web.base.url", url)
    env["ir.config_parameter"].set_param("report.url", url)
    env["ir.mail_server"].create(
        {
            "name": "Local",
            "smtp_host": "127.0.0.1",
            "smtp_port": smtp_port,
            "smtp_encryption": "none",
        }
    )
    # Its mails delete their messages once they are sent, while tests count messages.
    env["digest.digest"].search([]).action_deactivate()
    env.company.write(
        {
            "name": "Our Company",
            "email": "info@company.example.com",
            # Else the first page of an administrator asks Odoo's servers about it in
            # the background, and logs that on an account: a message at any time.
            "iap_enrich_auto_done": True,
        }
    )
    # The setting that shows delivery addresses on sales orders.
    env.ref("base.group_user").implied_ids += env.ref(
        "account.group_delivery_invoice_address"
    )
    _dutch(env)
    _readable_pdf(env)
    vendors = _partners(env)
    other_company = env["res.company"].create({"name": "Sister Company"})
    env["stock.warehouse"].create(
        {"name": "Sister", "code": "SIS", "company_id": other_company.id}
    )
    env.ref("base.user_admin").company_ids += other_company
    facts = {
        "users": _users(env),
        "company": env.company.id,
        "other_company": other_company.id,
        "country": env.ref("base.us").id,
        **vendors,
        **_products(env, vendors),
    }
    env.cr.commit()
    return facts
