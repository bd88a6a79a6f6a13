"""The rooms of the staff, each in a file of its own. The shell puts the guard before every one of them."""

from fastapi import APIRouter

from alerts.bootstrap import App
from alerts.web.console import (
    alerts,
    calls,
    cases,
    compose,
    confidants,
    counting,
    deadlines,
    intake,
    replies,
    rules,
    settings,
    signals,
    silence,
    subscribers,
    today,
)

ROOMS = (
    today, cases, confidants, silence, deadlines, calls, counting, compose, alerts, intake, signals, rules, replies,
    subscribers, settings,
)  # fmt: skip


def router(app: App) -> APIRouter:
    rooms = APIRouter()
    for room in ROOMS:
        rooms.include_router(room.router)
    return rooms
