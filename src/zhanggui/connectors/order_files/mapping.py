"""Which column of a table of orders fills which field: saved, preset for an export, or guessed from names. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zhanggui.kernel.errors import BadInput

_NAMES = {
    "order_id": "order_id orderid order_no order_number order_# order invoice invoiceno invoice_no "
    "订单号 订单编号 订单id 单号",
    "number": "order_name 外部单号",
    "placed_at": "placed_at order_date date created_at created order_time purchase_date invoicedate "
    "下单时间 创建时间 订单创建时间 拍下时间 日期",
    "updated_at": "updated_at modified_at last_modified 更新时间 修改时间",
    "currency": "currency currency_code order_currency 币种 货币",
    "line_id": "line_id order_item_id item_id 子订单号 子订单编号",
    "sku": "sku item_sku product_sku variant_sku stockcode seller_sku 商家编码 货号 sku编码 商品编码",
    "title": "title name item_name product_name product description item 商品名称 商品标题 宝贝标题 品名 标题",
    "quantity": "quantity qty count units 数量 件数 购买数量 商品数量",
    "unit_price": "unit_price price item_cost item_price unitprice 单价 价格 商品单价 商品价格",
    "total": "total order_total grand_total amount 总金额 订单金额 实付金额 应付金额 买家实付金额",
    "shipping": "shipping shipping_total freight shipping_cost 运费 邮费",
    "tax": "tax taxes total_tax order_tax 税费 税额",
    "discount": "discount discount_amount discount_total 优惠 优惠金额 折扣",
    "status": "status order_status 订单状态 状态",
    "payment_status": "payment_status financial_status 付款状态 支付状态",
    "paid_at": "paid_at paid_date payment_date 付款时间 支付时间 订单付款时间",
    "payment_method": "payment_method gateway payment_method_title 支付方式 付款方式",
    "refunded": "refunded refunded_amount refund_total 退款金额",
    "customer_id": "customer_id customer user_id customerid 客户id 买家id 会员名 买家会员名",
    "customer_name": "customer_name buyer buyer_name billing_name 买家姓名 客户姓名 买家昵称",
    "email": "email customer_email e-mail 邮箱",
    "phone": "phone mobile telephone 电话 手机 联系手机 收货人电话",
    "receiver": "receiver recipient shipping_name 收货人 收货人姓名",
    "country": "country shipping_country 国家",
    "region": "region state province shipping_province shipping_state 省 省份",
    "city": "city shipping_city 市 城市",
    "street": "street address shipping_street shipping_address 地址 收货地址 详细地址",
    "postal_code": "postal_code zip postcode shipping_zip 邮编",
    "cancelled_at": "cancelled_at canceled_at 取消时间 关闭时间",
    "shipped_at": "shipped_at fulfilled_at completed_date dispatched_at 发货时间",
    "delivered_at": "delivered_at received_at 签收时间 确认收货时间",
    "promised_at": "promised_at estimated_delivery_date due_date 承诺送达时间 预计送达",
    "carrier": "carrier shipping_company tracking_company 物流公司 快递公司",
    "tracking_number": "tracking_number tracking_no waybill 运单号 快递单号 物流单号",
    "note": "note notes customer_note remark 备注 买家留言",
}
FIELDS = tuple(_NAMES)
_BY_NAME = {name: field for field, names in _NAMES.items() for name in names.split()}

SHOPIFY = {
    "Id": "order_id", "Name": "number", "Email": "email", "Financial Status": "payment_status", "Paid at": "paid_at",
    "Fulfilled at": "shipped_at", "Currency": "currency", "Shipping": "shipping", "Taxes": "tax", "Total": "total",
    "Discount Amount": "discount", "Created at": "placed_at", "Lineitem quantity": "quantity", "Lineitem name": "title",
    "Lineitem price": "unit_price", "Lineitem sku": "sku", "Shipping Name": "receiver", "Shipping Street": "street",
    "Shipping City": "city", "Shipping Zip": "postal_code", "Shipping Province": "region",
    "Shipping Country": "country",
    "Shipping Phone": "phone", "Billing Name": "customer_name", "Notes": "note", "Cancelled at": "cancelled_at",
    "Payment Method": "payment_method", "Refunded Amount": "refunded",
}  # fmt: skip
WOOCOMMERCE = {
    "Order Number": "order_id", "Order ID": "order_id", "Order Status": "status", "Order Date": "placed_at",
    "Paid Date": "paid_at",
    "Completed Date": "shipped_at", "Customer Note": "note", "Email (Billing)": "email", "Phone (Billing)": "phone",
    "Full Name (Billing)": "customer_name", "Full Name (Shipping)": "receiver", "Address 1&2 (Shipping)": "street",
    "City (Shipping)": "city", "State Code (Shipping)": "region", "Postcode (Shipping)": "postal_code",
    "Country Code (Shipping)": "country", "Payment Method Title": "payment_method", "Cart Discount Amount": "discount",
    "Order Shipping Amount": "shipping", "Order Refund Amount": "refunded", "Order Total Amount": "total",
    "Order Total Tax Amount": "tax", "SKU": "sku", "Item Name": "title", "Quantity": "quantity",
    "Item Cost": "unit_price",
    "Order Currency": "currency", "Customer User ID": "customer_id",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrderColumns:
    """Column name -> field of `FIELDS`; other columns are not used. `currency` where no column tells it."""

    columns: Mapping[str, str]
    currency: str

    def check(self, present: Iterable[str]) -> None:
        """Raise where orders cannot be made from these columns.

        Raises:
            BadInput: an unknown field, a field twice, or no column for an id, a time, a quantity or a price.
        """
        targets = [self.columns[name] for name in present if name in self.columns]
        for target in targets:
            if target not in FIELDS:
                raise BadInput(field="mapping", expected=f"one of {', '.join(FIELDS)}", found=target)
            if targets.count(target) > 1:
                raise BadInput(field=target, expected="one column", found="several")
        for needed in ("order_id", "placed_at", "quantity", "unit_price"):
            if needed not in targets:
                raise BadInput(field=needed, expected="a column for it", found=", ".join(present))


def guess_columns(columns: Iterable[str], currency: str) -> OrderColumns:
    """A mapping from the columns' names; the columns of a Shopify or WooCommerce export are known."""
    present = list(columns)
    for preset, marks in ((SHOPIFY, {"Lineitem quantity", "Name"}), (WOOCOMMERCE, {"Item Cost", "Order Status"})):
        if marks <= set(present):
            chosen = {name: preset[name] for name in present if name in preset}
            if preset is SHOPIFY and "Id" not in present:
                chosen["Name"] = "order_id"
            return OrderColumns(_first_of_each(chosen), currency)
    found = {name: _BY_NAME[plain] for name in present if (plain := _plain(name)) in _BY_NAME}
    return OrderColumns(_first_of_each(found), currency)


def _first_of_each(columns: Mapping[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, field in columns.items():
        if field not in kept.values():
            kept[name] = field
    return kept


def _plain(column: str) -> str:
    return re.sub(r"[\s\-]+", "_", column.strip().lower().replace("（", "(").partition("(")[0].strip())
