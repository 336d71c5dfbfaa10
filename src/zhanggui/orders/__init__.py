"""Orders: policy in code, parcels watched, exceptions handled, nothing applied twice."""

from zhanggui.orders.service.batch_orders import ShopRun
from zhanggui.orders.service.policies import load_policy

__all__ = ["ShopRun", "load_policy"]
