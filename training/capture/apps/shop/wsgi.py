# mypy: disable-error-code="import-not-found,import-untyped,untyped-decorator"
"""A small shop: products, baskets and orders, over PostgreSQL and Redis."""

import json
import os
import time
import uuid
from typing import Any

import catalogue
import orders
import store
from flask import Flask, g, jsonify, request
from logs import logger, set_up

set_up(os.environ["SHOP_LOG"])
app = Flask("shop")
log = logger("shop.web")
audit = logger("shop.audit")


@app.before_request
def open_request() -> None:
    """Give the request an id that every line of it carries."""
    g.request_id = uuid.uuid4().hex[:12]
    g.started = time.monotonic()
    log.debug("%s %s from %s", request.method, request.full_path.rstrip("?"), request.remote_addr)


@app.after_request
def close_request(response: Any) -> Any:
    """Log slow requests as warnings and others as usual."""
    took = (time.monotonic() - g.started) * 1000
    if took > 1000:
        log.warning("slow request: %s took %.0f ms", request.path, took)
    log.info("%s %s -> %d in %.1f ms", request.method, request.path, response.status_code, took)
    return response


@app.errorhandler(store.Unavailable)
def unavailable(error: store.Unavailable) -> Any:
    """Tell the client to come back when a store does not answer."""
    log.error("dependency unavailable: %s", error)
    return jsonify(error="try again later"), 503


@app.errorhandler(Exception)
def unexpected(error: Exception) -> Any:
    """Log what nobody foresaw with its stack."""
    code = getattr(error, "code", None)
    if isinstance(code, int):
        return jsonify(error=str(error)), code
    log.exception("unhandled exception in %s %s", request.method, request.path)
    return jsonify(error="internal error"), 500


@app.get("/")
def home() -> Any:
    """List what is on offer."""
    return jsonify(offers=catalogue.offers())


@app.get("/products/<int:product>")
def show(product: int) -> Any:
    """Show one product."""
    found = catalogue.find(product)
    if found is None:
        log.info("product %d does not exist", product)
        return jsonify(error="no such product"), 404
    return jsonify(found)


@app.get("/search")
def search() -> Any:
    """Find products by name."""
    words = request.args.get("q", "")
    if len(words) < 2:
        log.warning("search rejected: query %r is too short", words)
        return jsonify(error="query too short"), 400
    return jsonify(catalogue.search(words))


@app.post("/login")
def login() -> Any:
    """Open a session."""
    body = json.loads(request.get_data() or b"{}")
    if body.get("password") != "letmein":
        audit.warning("failed login for %s from %s", body.get("email"), request.remote_addr)
        return jsonify(error="wrong email or password"), 401
    audit.info("user %s logged in", body["email"])
    store.remember(f"session:{body['email']}", {"since": time.time()}, 300)
    return jsonify(ok=True)


@app.post("/orders")
def place() -> Any:
    """Place an order."""
    body = request.get_json(force=True)
    return jsonify(orders.place(int(body["customer"]), dict(body["lines"]))), 201


@app.get("/orders/<int:order>")
def order(order: int) -> Any:
    """Show one order."""
    found = orders.find(order)
    return (jsonify(found), 200) if found else (jsonify(error="no such order"), 404)


@app.get("/report")
def report() -> Any:
    """Sum up sales; slow by nature."""
    return jsonify(orders.report(int(request.args.get("days", "1"))))


@app.get("/healthz")
def health() -> Any:
    """Tell whether both stores answer."""
    store.query("select 1")
    store.recall("health")
    return jsonify(ok=True)
