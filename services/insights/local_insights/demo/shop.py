"""The topology of the sample: a web shop with its roles, databases, queue and external services.

A page of the browser calls the storefront; the storefront calls orders and inventory; orders calls payments and sends a
message to the worker. During the incident the payment provider does not respond in time.
"""

from dataclasses import dataclass

BROWSER = "shop-browser"
FRONTEND = "storefront"
ORDERS = "orders"
PAYMENTS = "payments"
INVENTORY = "inventory"
WORKER = "worker"
SERVERS = (FRONTEND, ORDERS, PAYMENTS, INVENTORY, WORKER)
URL = "https://shop.example"


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure of a call, and the exception that the caller raises for it."""

    rate: float
    """Share of failed calls outside the incident."""
    incident_rate: float
    """Share of failed calls during the incident."""
    code: str
    exception: str
    message: str
    duration_ms: float
    """Median duration of a failed call."""


@dataclass(frozen=True, slots=True)
class Call:
    """A dependency call of a handler."""

    type: str
    target: str
    name: str
    data: str
    median_ms: float
    code: str = "200"
    failure: Failure | None = None
    handler: "Handler | None" = None
    """The request that another role serves for this call. Its duration replaces `median_ms`."""
    is_message: bool = False
    """True for a message to a queue: the handler runs after the call and does not delay the caller."""


@dataclass(frozen=True, slots=True)
class Handler:
    """A request that a role serves."""

    role: str
    name: str
    own_ms: float
    """Median duration without its calls."""
    calls: tuple[Call, ...] = ()
    log: str = ""
    """Message of the trace that the handler writes; empty: none."""
    event: str = ""
    """Name of the custom event after success; empty: none."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the shop, and the call that it makes from the browser."""

    weight: int
    """Relative number of page views."""
    title: str
    path: str
    handler: Handler


_PROVIDER_TIMEOUT = Failure(
    0.004, 0.75, "", "TimeoutError", "api.cards.example did not respond within 3 s", duration_ms=3_000
)
_LOCK_TIMEOUT = Failure(
    0.01, 0.01, "55P03", "psycopg.errors.LockNotAvailable", "canceling statement due to lock timeout", duration_ms=500
)
_MAILBOX_FULL = Failure(0.03, 0.03, "552", "smtplib.SMTPDataError", "552 5.2.2 Mailbox full", duration_ms=120)
_OUT_OF_STOCK = Failure(0.02, 0.02, "409", "OutOfStockError", "reservation rejected: out of stock", duration_ms=15)


def _over_http(handler: Handler) -> Call:
    method, path = handler.name.split(" ", 1)
    target = f"{handler.role}:8000"
    return Call("HTTP", target, f"{method} {path}", f"http://{target}{path}", 0, handler=handler)


def _select(database: str, statement: str, median_ms: float, failure: Failure | None = None) -> Call:
    return Call("postgresql", database, statement.split(" ", 1)[0], statement, median_ms, "0", failure)


def _cached(command: str) -> Call:
    return Call("Redis", "cache:6379", command.split(" ", 1)[0], command, 0.7, "0")


_PRODUCTS = Handler(
    INVENTORY, "GET /products", 2, (_select("inventory-db | stock", "SELECT * FROM products WHERE shelf = $1", 9),)
)
_PRODUCT = Handler(
    INVENTORY,
    "GET /products/{id}",
    1,
    (
        _cached("GET product"),
        _select("inventory-db | stock", "SELECT * FROM products WHERE id = $1", 4),
    ),
)
_RESERVE = Handler(
    INVENTORY,
    "POST /reservations",
    2,
    (
        _select(
            "inventory-db | stock", "UPDATE stock SET reserved = reserved + $1 WHERE product = $2", 11, _OUT_OF_STOCK
        ),
    ),
    "reserved the products of an order",
)
_CHARGE = Handler(
    PAYMENTS,
    "POST /charges",
    3,
    (
        Call(
            "HTTP",
            "api.cards.example",
            "POST /v1/charges",
            "https://api.cards.example/v1/charges",
            180,
            "201",
            _PROVIDER_TIMEOUT,
        ),
    ),
    "charging a card",
)
_FULFIL = Handler(
    WORKER,
    "process fulfilment",
    20,
    (
        _select("orders-db | orders", "UPDATE orders SET state = $1 WHERE id = $2", 6),
        Call("Azure blob", "shop.blob.core.example", "PUT invoice", "PUT /invoices/order.pdf", 35, "201"),
        Call("SMTP", "mail.example:25", "send confirmation", "confirmation of an order", 60, "250", _MAILBOX_FULL),
    ),
    "an order leaves the warehouse",
)
_PLACE_ORDER = Handler(
    ORDERS,
    "POST /orders",
    4,
    (
        Call("InProc", "", "calculate prices", "", 6, ""),
        _over_http(_RESERVE),
        _over_http(_CHARGE),
        _select("orders-db | orders", "INSERT INTO orders VALUES ($1, $2, $3)", 8, _LOCK_TIMEOUT),
        Call(
            "Queue Message | Azure Service Bus",
            "shop.servicebus.example/fulfilment",
            "send fulfilment",
            "",
            7,
            "0",
            handler=_FULFIL,
            is_message=True,
        ),
    ),
    "an order arrived",
    "OrderPlaced",
)
_ORDER = Handler(
    ORDERS, "GET /orders/{id}", 2, (_select("orders-db | orders", "SELECT * FROM orders WHERE id = $1", 5),)
)

_CARDS_READY = Handler(
    PAYMENTS,
    "GET /readyz",
    1,
    (
        Call(
            "HTTP",
            "api.cards.example",
            "GET /v1/status",
            "https://api.cards.example/v1/status",
            40,
            failure=_PROVIDER_TIMEOUT,
        ),
    ),
)

HOME = Handler(FRONTEND, "GET /", 3, (_cached("GET home page"), _over_http(_PRODUCTS)))
TESTS = {"home page": HOME, "checkout": Handler(FRONTEND, "GET /checkout/ready", 2, (_over_http(_CARDS_READY),))}
"""Availability tests by name, and the request that each sends."""
ORDER_STATUS = Handler(FRONTEND, "GET /api/orders/{id}", 2, (_over_http(_ORDER),))
PAGES = (
    Page(45, "Home", "/", HOME),
    Page(35, "Product", "/products/{id}", Handler(FRONTEND, "GET /api/products/{id}", 2, (_over_http(_PRODUCT),))),
    Page(20, "Checkout", "/checkout", Handler(FRONTEND, "POST /api/checkout", 5, (_over_http(_PLACE_ORDER),))),
)
