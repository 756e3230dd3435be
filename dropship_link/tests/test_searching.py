from odoo import fields

from .common import DropShipmentCommon

# What a field shows, and what is searched in it, differ on purpose.
SHOWN_OTHERWISE = {
    # "P00001 (Wood Corner)" is found by the number.
    ("sale.order", "drop_shipment_purchase_ref"),
    # Core finds currencies by their full name, too.
    ("drop.shipment.report", "currency_id"),
    ("drop.shipment.analysis", "currency_id"),
}
OPERATORS = {
    "boolean": ("=", "!="),
    "char": ("=", "!=", "ilike", "not ilike", "=ilike"),
    "many2one": ("=", "!=", "any", "not any"),
    "many2many": ("=", "!="),
    "selection": ("=", "!="),
}
COMPARED = ("=", "!=", ">", "<", ">=", "<=")


class TestSearching(DropShipmentCommon):
    """A search finds what the field shows, whatever is asked and of whichever field."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        to_order, requested, ordered, partial, shipped, invoiced, ordinary = (
            cls._new_sale((cls.chair, 4), (cls.desk, 2, values))
            for values in [{}] * 6 + [{"drop_shipment": False}]
        )
        cls._new_purchase(requested)
        for sale in (ordered, partial, shipped, invoiced):
            cls._new_purchase(sale, confirm=True).partner_ref = f"AB {sale.name}"
        open_transfer = ordered.sudo().picking_ids
        open_transfer.drop_shipment_reported = fields.Datetime.now()
        open_transfer.move_ids.write({"quantity": 1, "picked": True})
        cls._post(partial, quantity=1, tracking_ref="1Z 9", delivery_note="LS-1")
        cls._post(shipped, tracking_ref="1Z 10")
        cls._post(invoiced, "ship_invoice")
        sales = to_order + requested + ordered + partial + shipped + invoiced + ordinary
        cls.env.flush_all()
        sales = cls.env["sale.order"].browse(sales.ids)
        lines = sales.order_line
        purchases = lines.purchase_line_ids.order_id
        rows = cls.env["drop.shipment.report"].search([("id", "in", lines.ids)])
        cls.records = [
            sales,
            lines,
            purchases,
            purchases.order_line,
            purchases.picking_ids,
            sales.invoice_ids,
            lines.product_id,
            lines.product_id.product_tmpl_id,
            cls.customer | cls.vendor | cls.other_vendor,
            rows,
            cls.env["drop.shipment.analysis"].search(
                [("sale_ref", "in", sales.mapped("name"))]
            ),
        ]

    def _get_conditions(self, records, field):
        """Return conditions on a field of all kinds, with values that records have."""
        values = [value for value in dict.fromkeys(records.mapped(field.name)) if value]
        if field.relational:
            values = list(records.mapped(field.name).ids)
        values = values[:3]
        empty = [0] if field.type in ("float", "integer", "monetary") else [False]
        pairs = [values, values[:1] + empty, empty, []]
        conditions = [(name, pair) for name in ("in", "not in") for pair in pairs]
        if field.type == "boolean":
            return (
                conditions
                + [
                    (operator, value)
                    for operator in OPERATORS["boolean"]
                    for value in (True, False)
                ]
                + [("in", [True, False]), ("not in", [True, False])]
            )
        for operator in OPERATORS.get(field.type, COMPARED):
            if "any" in operator:
                conditions.append((operator, [("id", "in", values)]))
            elif "=" in operator and "like" in operator:
                conditions += [(operator, f"%{value[1:4]}%") for value in values]
            elif "like" in operator:
                texts = [value[1:4] for value in values] + ["", "zzz"]
                conditions += [(operator, text) for text in texts]
            else:
                wanted = values if operator in COMPARED[2:] else values + empty
                conditions += [(operator, value) for value in wanted]
        return conditions

    def test_all_fields(self):
        """Searched for in the database and looked for in the records: the same."""
        played = 0
        for records in self.records:
            self.assertTrue(records)
            for name, field in records._fields.items():
                own = "dropship_link" in field._modules and name not in (
                    "id",
                    "display_name",
                )
                if not own or not field._description_searchable:
                    continue
                if field.type in ("one2many", "json", "html", "binary"):
                    continue
                if (records._name, name) in SHOWN_OTHERWISE:
                    continue
                for operator, value in self._get_conditions(records, field):
                    condition = [(name, operator, value)]
                    with self.subTest(model=records._name, condition=condition):
                        found = records.search([*condition, ("id", "in", records.ids)])
                        self.assertEqual(
                            set(found.ids), set(records.filtered_domain(condition).ids)
                        )
                    played += 1
        self.assertGreater(played, 1500)
