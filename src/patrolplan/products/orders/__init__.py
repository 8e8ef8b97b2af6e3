"""Patrol orders with their report form: one model, printed as HTML and as PDF.

What an order says is built once, as sections of rows with texts in both languages
(:mod:`~patrolplan.products.orders.model`). Two thin templates show it, one for the
browser and one for typst; neither holds a word of its own.
"""

from patrolplan.products.orders.building import build_order, find_mandate
from patrolplan.products.orders.model import Order
from patrolplan.products.orders.pages import render_order_html
from patrolplan.products.orders.printing import render_order_pdf
from patrolplan.products.orders.writing import render_orders

__all__ = [
    "Order",
    "build_order",
    "find_mandate",
    "render_order_html",
    "render_order_pdf",
    "render_orders",
]
