from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .common import DropShipmentCommon

# Nobody buys at this price: wherever it shows up, a sales price leaks.
SALES_PRICE = 987.65


class _UndoError(Exception):
    """Rolls a call back that was allowed."""


class TestRightsCommon(DropShipmentCommon):
    """One drop shipment, and everyone who may or may not touch it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        new_user = cls._new_user
        cls.other_salesman = new_user("salesman_2", "sales_team.group_sale_salesman")
        cls.sales_lead = new_user(
            "sales_lead", "sales_team.group_sale_salesman_all_leads"
        )
        cls.other_buyer = new_user("buyer_2", "purchase.group_purchase_user")
        cls.trader = new_user(
            "trader",
            "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user",
        )
        cls.internal = new_user("internal", "base.group_user")
        cls.portal_customer = cls._new_portal_user("customer", cls.customer)
        cls.portal_vendor = cls._new_portal_user("vendor", cls.vendor)
        cls.users = {
            name: getattr(cls, name)
            for name in (
                "salesman",
                "other_salesman",
                "sales_lead",
                "buyer",
                "other_buyer",
                "trader",
                "accountant",
                "internal",
                "portal_customer",
                "portal_vendor",
            )
        }
        # A line on a confirmed order, one on a request, one to order.
        cls.sale = cls._new_sale((cls.chair, 10, {"price_unit": SALES_PRICE}))
        cls.sale_line = cls.sale.order_line
        cls.purchase = cls._new_purchase(cls.sale, confirm=True)
        cls.sale_on_request = cls._new_sale((cls.chair, 5))
        cls.request = cls._new_purchase(cls.sale_on_request)
        cls.sale_to_order = cls._new_sale((cls.desk, 2, {"price_unit": SALES_PRICE}))

    @classmethod
    def _new_portal_user(cls, login, partner):
        contact = cls.env["res.partner"].create(
            {
                "name": f"Portal {login}",
                "parent_id": partner.id,
                "email": f"{login}.portal@example.com",
            }
        )
        return new_test_user(
            cls.env,
            login=f"drop_portal_{login}",
            groups="base.group_portal",
            partner_id=contact.id,
        )

    @classmethod
    def _own_fields(cls, model):
        """Return the names of the fields of `model` that this add-on brings."""
        return sorted(
            name
            for name, field in cls.env[model]._fields.items()
            if set(field._modules) == {"dropship_link"}
        )

    @classmethod
    def _own_models(cls):
        """Return the models that this add-on brings."""
        return [
            name
            for name, model in cls.env.registry.items()
            if model._original_module == "dropship_link" and not model._abstract
        ]

    def _is_allowed(self, user, call):
        """Return whether `call`, a request of `user`, meets no refusal of rights.

        Nothing of it stays.
        """
        try:
            with self.env.cr.savepoint():
                self.env.invalidate_all()
                call()
                # As at the end of a request.
                self.env(user=user).flush_all()
                raise _UndoError
        except AccessError:
            return False
        except _UndoError:
            return True

    def _get_allowed(self, call):
        """Return the names of the users whom `call(user)` is allowed."""
        return {
            name
            for name, user in self.users.items()
            if self._is_allowed(user, lambda user=user: call(user))
        }
