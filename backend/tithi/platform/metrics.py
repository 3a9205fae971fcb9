# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Prometheus figures of this process; served on the internal listener alone."""

from prometheus_client import Counter, Gauge, Histogram

requests = Counter("tithi_requests_total", "Answers by endpoint and status.", ["endpoint", "status"])
request_seconds = Histogram(
    "tithi_request_seconds",
    "Time to answer, by endpoint.",
    ["endpoint"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
deliveries = Counter("tithi_deliveries_total", "Outbox deliveries by handler and result.", ["handler", "result"])
oldest_delivery_seconds = Gauge(
    "tithi_outbox_oldest_open_seconds", "Age of the oldest delivery not done.", multiprocess_mode="mostrecent"
)
rate_limit_fallbacks = Counter("tithi_rate_limit_fallbacks_total", "Requests counted locally while Valkey was down.")
