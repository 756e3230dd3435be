from odoo import api, models

SALES = "sales_team.group_sale_salesman"
PURCHASE = "purchase.group_purchase_user"
ACCOUNTING = "account.group_account_invoice"


class DropShipmentAlerts(models.AbstractModel):
    """The bars at the top of an order: each a notice, with the buttons that help.

    Buttons are those of the order itself, and only those that the user may press.
    """

    _name = "drop.shipment.alerts"
    _description = "Alerts of Drop Shipments"

    @api.model
    def _get_alerts(self, order):
        """Return {key: alert}, most urgent first, in the form of `actionable_errors`.

        Core's widget knows one action of an alert and shows no dialog for it, so that
        `drop_shipment_alerts` shows these instead.

        :param order: a sales order or a purchase order
        :return: {key of the notice: {"level": color of the bar, "message": the notice,
            "buttons": parameters of buttons, as a form view has them}}
        """
        notices = self.env["drop.shipment.notices"]._get_notices(order)
        if not notices:
            return {}
        if order._name == "purchase.order":
            buttons = self._get_purchase_buttons(order, notices)
        else:
            buttons = self._get_sale_buttons(order)
        urgent = self._get_urgent_keys()
        return {
            key: {
                "level": "warning" if key in urgent else "info",
                "message": message,
                "buttons": [button for button in buttons.get(key, []) if button],
            }
            for key, message in notices.items()
        }

    @api.model
    def _get_urgent_keys(self):
        """Return the keys of notices of what goes wrong."""
        return {
            "cancelled",
            "declined",
            "late",
            "overdrawn",
            "own",
            "refund",
            "stranded",
            "unwanted",
        }

    @api.model
    def _get_sale_buttons(self, order):
        """Return {key of a notice: buttons of a sales order, False for who may not}."""
        open_orders = self._get_button(
            PURCHASE, "action_view_purchase_orders", self.env._("Open Purchase Orders")
        )
        post = self._get_button(SALES, "action_post_drop_shipment", self.env._("Post"))
        return {
            "order": [
                self._get_button(
                    PURCHASE,
                    "action_open_create_drop_shipment_purchases",
                    self.env._("Create Purchase Orders"),
                )
            ],
            "late": [
                self._get_button(
                    SALES,
                    "action_tell_drop_shipment_delay",
                    self.env._("Write to Customer"),
                ),
                open_orders,
            ],
            "reported": [post],
            "declined": [open_orders],
            "rest": [post, open_orders],
            "stranded": [open_orders],
            "unwanted": [open_orders],
            "refund": [
                self._get_button(
                    f"{SALES},{ACCOUNTING}",
                    "action_credit_drop_shipment",
                    self.env._("Create Credit Note"),
                )
            ],
            "invoice": [
                order.invoice_status == "to invoice"
                and self._get_button(
                    SALES,
                    "sale.action_view_sale_advance_payment_inv",
                    self.env._("Create Invoice"),
                    type="action",
                )
            ],
        }

    @api.model
    def _get_purchase_buttons(self, order, notices):
        """Return {key of a notice: buttons of a purchase order, False as for sales}.

        :param dict notices: key to sentence; a button stands in one bar only
        """
        close = self._get_close_button()
        post = self._get_button(
            PURCHASE, "action_post_drop_shipment", self.env._("Post")
        )
        return {
            "late": [
                order.state != "to approve"
                and self._get_button(
                    PURCHASE,
                    "action_rfq_send",
                    self.env._("Write to Vendor"),
                    context={"drop_shipment_reminder": True},
                )
            ],
            **self._get_vendor_buttons(post),
            "rest": [post, close],
            "stranded": [
                self._get_button(
                    PURCHASE,
                    "action_ship_drop_shipment_again",
                    self.env._("Ship Again"),
                    confirm=self.env._(
                        "Have the vendor ship it again? A transfer is made of what is "
                        "ordered and not shipped."
                    ),
                ),
                # It is in the bar above then.
                "rest" not in notices and close,
            ],
            "unwanted": [not {"rest", "stranded"} & set(notices) and close],
            "refund": [
                self._get_button(
                    f"{PURCHASE},{ACCOUNTING}",
                    "action_refund_drop_shipment",
                    self.env._("Create Refund"),
                )
            ],
            "bill": [
                self._get_button(
                    f"{SALES},{ACCOUNTING}",
                    "action_view_drop_shipment_unbillable",
                    self.env._("Open Sales Order"),
                )
            ],
        }

    @api.model
    def _get_vendor_buttons(self, post):
        """Return {key of a notice: buttons} of what the vendor said of an order."""
        return {
            "reported": [
                post,
                self._get_button(
                    PURCHASE,
                    "action_discard_drop_shipment_report",
                    self.env._("Discard Report"),
                    confirm=self.env._(
                        "Is the vendor's report wrong? It is discarded: nothing of it "
                        "is posted, and the vendor can report again."
                    ),
                ),
            ],
            "declined": [
                self._get_button(
                    PURCHASE,
                    "action_close_drop_shipment_declined",
                    self.env._("Close Remainder"),
                    confirm=self.env._(
                        "Close what the vendor does not ship? It is to order again "
                        "then."
                    ),
                ),
                self._get_button(
                    PURCHASE,
                    "action_reorder_drop_shipment_declined",
                    self.env._("Order Elsewhere"),
                    confirm=self.env._(
                        "Close what the vendor does not ship, and choose another "
                        "vendor for it?"
                    ),
                ),
            ],
        }

    @api.model
    def _get_close_button(self):
        """Return the button that closes the remainder of all lines of an order."""
        return self._get_button(
            PURCHASE,
            "action_close_drop_shipment_remainder",
            self.env._("Close Remainder"),
            confirm=self.env._(
                "Close the remainder of these lines? What the vendor has not shipped "
                "is to order again then."
            ),
        )

    @api.model
    def _get_button(self, groups, name, label, confirm=None, **params):
        """Return a button for the web client, or False for who may not press it.

        :param str groups: external ids of groups, one of which is needed
        :param str name: of a method of the order, or of an action
        :param str confirm: question to answer first
        """
        if not self.env.user.has_groups(groups):
            return False
        button = {"type": "object", "name": name, "string": label, **params}
        if confirm:
            button.update(
                {"confirm": confirm, "confirm-title": label, "confirm-label": label}
            )
        return button
