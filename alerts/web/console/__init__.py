"""The rooms of the staff, each in a file of its own. The shell puts the guard before every one of them."""

from fastapi import APIRouter

from alerts.bootstrap import App
from alerts.web.console import (
    alerts,
    calls,
    cases,
    compose,
    deadlines,
    intake,
    replies,
    rules,
    settings,
    signals,
    subscribers,
    today,
)

ROOMS = (today, cases, deadlines, calls, compose, alerts, intake, signals, rules, replies, subscribers, settings)


def router(app: App) -> APIRouter:
    rooms = APIRouter()
    for room in ROOMS:
        rooms.include_router(room.router)
    return rooms
