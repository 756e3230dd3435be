"""The data of `test_reports_machine`."""

from odoo.fields import Command

from .invariants.common import InvariantsCommon
from .reports_books import OWN_COST, OWN_QUANTITY

COSTS = [
    (method, valuation)
    for method in ("standard", "average", "fifo")
    for valuation in ("real_time", "periodic")
]


class ReportsCommon(InvariantsCommon):
    """Goods of each costing method, some of them in own stock, services and people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse_user = cls._new_user("warehouse", "stock.group_stock_user")
        cls.billing_salesman = cls._new_user(
            "billing_salesman",
            "sales_team.group_sale_salesman,account.group_account_invoice",
        )
        cls.billing_buyer = cls._new_user(
            "billing_buyer",
            "purchase.group_purchase_user,account.group_account_invoice",
        )
        cls.tax = cls.env["account.tax"].create(
            {"name": "20 %", "amount": 20, "type_tax_use": "sale"}
        )
        cls.goods = {costs: cls._new_goods(*costs) for costs in COSTS}
        cls._stock_up()
        cls.services = cls._new_service("invoice_policy", "order") | cls._new_service(
            "invoice_policy", "delivery"
        )
        cls.freights = cls._new_service(
            "purchase_method", "purchase"
        ) | cls._new_service("purchase_method", "receive")
        cls.discount = cls._new_service("invoice_policy", "order")
        cls.company.sale_discount_product_id = cls.discount
        cls._set_up_currency()
        cls.env.flush_all()
        # What was bought for own stock is no part of the story.
        for table in cls.first_ids:
            model = cls.env[table.replace("_", ".")]
            cls.first_ids[table] = model.search([], order="id desc", limit=1).id or 0

    @classmethod
    def _set_up_currency(cls):
        """Create a currency of a customer and a vendor abroad."""
        own = cls.company.currency_id
        euro, dollar = cls.env.ref("base.EUR"), cls.env.ref("base.USD")
        foreign = dollar if own == euro else euro
        foreign.active = True
        cls.rates = {own: 1.0, foreign: 2.37}
        cls.env["res.currency.rate"].create(
            {"currency_id": foreign.id, "rate": 2.37, "name": "2020-01-01"}
        )
        cls.currencies = {False: own, True: foreign}
        cls.pricelists = {
            abroad: cls.env["product.pricelist"].create(
                {"name": currency.name, "currency_id": currency.id}
            )
            for abroad, currency in cls.currencies.items()
        }

    @classmethod
    def _new_goods(cls, method, valuation):
        """Return a chair and a desk of a costing method, which two vendors sell."""
        category = cls.env["product.category"].create(
            {
                "name": f"{method} {valuation}",
                "property_cost_method": method,
                "property_valuation": valuation,
            }
        )
        goods = cls.env["product.product"]
        for name, sold, bought in (("Chair", 20.0, 12.0), ("Desk", 15.0, 7.5)):
            goods |= cls._new_product(
                f"{name} {method} {valuation}",
                list_price=sold,
                standard_price=OWN_COST,
                categ_id=category.id,
                seller_ids=[
                    Command.create({"partner_id": vendor.id, "price": price})
                    for vendor, price in (
                        (cls.vendor, bought),
                        (cls.other_vendor, bought + 1),
                    )
                ],
            )
        return goods

    @classmethod
    def _new_service(cls, field, value):
        return cls.env["product.product"].create(
            {
                "name": f"{field} {value}",
                "type": "service",
                "list_price": 15.0,
                "taxes_id": False,
                "supplier_taxes_id": False,
                field: value,
            }
        )

    @classmethod
    def _stock_up(cls):
        """Buy all goods for own stock, at a price that is not the vendor's."""
        purchase = cls.env["purchase.order"].create(
            {
                "partner_id": cls.other_vendor.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_qty": OWN_QUANTITY,
                            "price_unit": OWN_COST,
                        }
                    )
                    for goods in cls.goods.values()
                    for product in goods
                ],
            }
        )
        purchase.button_confirm()
        cls._deliver(purchase.picking_ids)
        cls._new_bill(purchase, date="2026-01-01")
